"""Names: what a tag, a licence name or a phrase of prose means, and what it does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osaudit.licences.names import keys_of_tag, names_in
from osaudit.licences.spdx import spdx_list
from osaudit.licences.table import HubId, load_table

TABLE = load_table()


@pytest.mark.parametrize("hub", TABLE.hub_ids, ids=lambda hub: hub.id)
def test_every_hub_id_gives_its_key(hub: HubId) -> None:
    assert keys_of_tag(hub.id) == keys_of_tag(f" {hub.id.upper()}\n") == (hub.key,)


def test_every_name_of_an_entry_gives_its_key() -> None:
    for licence in TABLE.licences:
        if licence.key in {"none", "jais"}:  # the latter is a model's name for Apache-2.0: it tells no licence
            continue
        for name in (licence.name, *licence.names, licence.key):
            assert keys_of_tag(name) == (licence.key,), name
        for name in licence.hub_names:
            assert keys_of_tag(name) in {(licence.key,), ()}, name


def test_every_spdx_id_gives_one_key() -> None:
    for row in spdx_list().licences:
        keys = keys_of_tag(row.id)
        assert len(keys) == 1, row.id
        licence = TABLE.get(keys[0])
        if licence is None:
            assert spdx_list().by_id(keys[0]), row.id


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        ("Apache License, Version 2.0", ("apache-2.0",)),
        ("apache license v2", ("apache-2.0",)),
        ("The MIT License", ("mit",)),
        ("GPL-3.0", ("gpl-3.0",)),
        ("GPL-3.0+", ("gpl-3.0",)),
        ("gpl-3.0-or-later", ("gpl-3.0",)),
        ("GPLv2", ("gpl-2.0",)),
        ("LGPL-2.0", ("lgpl-2.0-only",)),
        ("BUSL-1.1", ("busl-1.1",)),
        ("bsl-1.0", ("bsl-1.0",)),
        ("gpl", ("gpl",)),
        ("cc", ("cc",)),
        ("CC BY-NC", ("cc",)),
        ("openrail", ("openrail",)),
        ("CC BY-NC 4.0", ("cc-by-nc-4.0",)),
        ("Creative Commons Attribution Non Commercial 4.0", ("cc-by-nc-4.0",)),
        ("https://creativecommons.org/licenses/by-nc-sa/4.0/legalcode", ("cc-by-nc-sa-4.0",)),
        ("http://www.apache.org/licenses/LICENSE-2.0.txt", ("apache-2.0",)),
        ("https://example.org/licence", ()),
        ("mit, apache-2.0", ("mit", "apache-2.0")),
        ("MIT OR Apache-2.0", ("mit", "apache-2.0")),
        ("mit and my own terms", ()),
        ("Llama 3.1 Community License Agreement", ("llama3.1",)),
        ("NVIDIA Open Model License", ("nvidia-open-model",)),
        ("NVIDIA Open Model Agreement", ("nvidia-open-model-agreement-2026",)),
        ("modified-mit", ()),
        ("Modified MIT License", ()),
        ("tencent-hunyuan-community", ()),
        ("exaone", ()),
        ("other", ("other",)),
        ("unknown", ("unknown",)),
        ("none", ()),
        ("", ()),
        ("apache", ()),
        ("llama", ("llama",)),
        ("public domain", ()),
        ("my-own-licence", ()),
        ("x" * 10_000, ()),
    ],
)
def test_values(value: str, keys: tuple[str, ...]) -> None:
    assert keys_of_tag(value) == keys


@pytest.mark.parametrize(
    ("prose", "keys"),
    [
        ("released under the Apache 2.0 license", [("apache-2.0",)]),
        ("Licensed under the Apache License, Version 2.0 (the License)", [("apache-2.0",)]),
        ("The code is MIT licensed.", [("mit",)]),
        ("MIT License", [("mit",)]),
        ("MIT许可证", [("mit",)]),
        ("| License | MIT |", [("mit",)]),
        ("license: mit", [("mit",)]),
        ("under CC BY-NC 4.0.", [("cc-by-nc-4.0",)]),
        ("CC-BY-NC-SA", [("cc",)]),
        ("[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)", [("cc-by-4.0",), ("cc-by-4.0",)]),
        ("Creative Commons Attribution-NonCommercial 4.0", [("cc-by-nc-4.0",)]),
        ("Use is subject to the Gemma Terms of Use.", [("gemma",)]),
        ("the Llama 3.1 Community License Agreement", [("llama3.1",)]),
        ("OpenRAIL-M", [("openrail",)]),
        ("CreativeML OpenRAIL-M", [("creativeml-openrail-m",)]),
        ("CreativeML Open RAIL++-M License", [("openrail++",)]),
        ("license: tongyi-qianwen", [("tongyi-qianwen",)]),
        ("GNU General Public License v3.0", [("gpl-3.0",)]),
        ("GPLv3", [("gpl-3.0",)]),
        ("Apache-2.0 and MIT", [("apache-2.0",), ("mit",)]),
        ("MIT/Apache-2.0", [("mit",), ("apache-2.0",)]),
        ("under a Modified MIT License", [()]),
        ("the Tencent Hunyuan Community License", [()]),
        ("BSD-3-Clause", [("bsd-3-clause",)]),
        ("BigScience RAIL License v1.0", [("bigscience-bloom-rail-1.0",)]),
        ("released under GPL", [("gpl",)]),
    ],
)
def test_names_in_prose(prose: str, keys: list[tuple[str, ...]]) -> None:
    hits = names_in(prose)
    assert [hit.keys for hit in hits] == keys
    assert all(prose[hit.start : hit.end] == hit.matched for hit in hits)


@pytest.mark.parametrize(
    "prose",
    [
        "mit freundlichen Grüßen",
        "Das Modell wurde mit Daten trainiert, die unter anderem ...",
        "researchers at MIT and Stanford",
        "the MIT Scene Parsing data",
        "developed at MIT under supervision",
        "cc the other unknown isc",
        "Llama 2 is a family of models",
        "based on Llama 3.1 8B",
        "Gemma is a lightweight model",
        "Qwen2.5 supports 29 languages",
        "DeepSeek and Falcon and Yi",
        "the PostgreSQL database and zlib compression",
        "an open database of birds",
        "Python-2.0 scripts",
        "Apache 2.4 servers",
        "the Apache Spark 2.0 release",
        "non-MIT code",
        "A licence is needed.",
    ],
)
def test_ordinary_words_are_no_names(prose: str) -> None:
    assert names_in(prose) == ()


def test_a_longer_version_is_not_a_shorter_one() -> None:
    assert [hit.keys for hit in names_in("the Llama 3.3 license")] == [("llama3.3",)]
    assert names_in("the Llama 3.9 license") == ()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    keys_of_tag(text)
    assert all(0 <= hit.start < hit.end <= len(text) for hit in names_in(text))


@pytest.mark.parametrize("unit", ["MIT ", "cc by nc ", "license ", "Apache License Version ", "a-", "2.0.", "("])
def test_hostile_text_takes_bounded_work(unit: str) -> None:
    text = unit * 20_000
    assert all(hit.matched in text for hit in names_in(text))
