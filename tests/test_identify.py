"""Identification: exact means exact, whatever the noise; a changed word is never the licence."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from licence_samples import (
    ALTERATIONS,
    CORPUS,
    FALSE_NOTICES,
    JUDGED,
    LOSSLESS,
    LOSSY,
    NOTICES,
    ROOT,
    TEXTS,
    Bend,
    Sample,
    known,
    needs_corpus,
    needs_texts,
    samples,
)

from osaudit.licences import fallback
from osaudit.licences.build import listed_sources
from osaudit.licences.heads import head_of
from osaudit.licences.identify import Identified, identify, name_text
from osaudit.licences.index import MAGIC, encode, index_from, index_version, leave_out, load_index
from osaudit.licences.notices import is_name, is_notice
from osaudit.licences.table import load_table
from osaudit.licences.tokens import words_of

INDEX = load_index()
SHORT = ("spdx/MIT.txt", "spdx/BSD-2-Clause.txt", "spdx/Apache-2.0.txt")
TABLE = load_table()
OWN = (
    "The Heron Licence. Whoever has this work may copy it, change it and pass it on, with or without payment, so long "
    "as this paragraph goes along. The work comes without any promise, and nobody answers for what it does to you."
)


def named(text: str) -> Identified:
    return name_text(text, INDEX)


def kinds(found: Identified) -> list[tuple[str, str]]:
    return [(match.key, match.match) for match in found.matches]


@pytest.fixture
def no_second_opinion(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the SPDX library out where only our own index is asked about."""
    monkeypatch.setattr(fallback, "proposals", lambda *_: ())


@needs_texts
def test_every_listed_text_is_exact_and_no_other_is_anything() -> None:
    for sample in samples():
        found = named(sample.text)
        assert kinds(found) == ([(sample.key, "exact")] if sample.key else []), sample.name
        if sample.key:
            assert (found.residue_words, found.residue) == (0, ()), sample.name


@needs_texts
@pytest.mark.usefixtures("no_second_opinion")
@pytest.mark.parametrize("bend", LOSSLESS, ids=lambda bend: bend.__name__)
def test_noise_that_loses_nothing_leaves_a_text_exact(bend: Bend) -> None:
    results = {sample.name: kinds(named(sample.bent(bend))) for sample in known()}
    wrong = [name for name, found in results.items() if any(key != key_of(name) for key, _ in found)]
    missed = [name for name, found in results.items() if found != [(key_of(name), "exact")]]
    assert wrong == []
    assert len(missed) <= len(results) // 100, missed


def key_of(name: str) -> str | None:
    return next(sample.key for sample in samples() if sample.name == name)


@needs_texts
@pytest.mark.usefixtures("no_second_opinion")
@pytest.mark.parametrize("bend", LOSSY, ids=lambda bend: bend.__name__)
def test_noise_that_changes_words_is_never_exact_and_never_another(bend: Bend) -> None:
    for sample in known():
        found = kinds(named(sample.bent(bend)))
        # cut short, MiniMax M2's text is a part of what it calls itself
        allowed = {(sample.key, "variant"), *([("mit", "variant")] if sample.key == "modified-mit-minimax-m2" else [])}
        assert set(found) <= allowed, (sample.name, found)


@needs_texts
@pytest.mark.usefixtures("no_second_opinion")
@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_altered_permissive_text_is_never_the_original(name: str) -> None:
    altered = [(sample, ALTERATIONS[name](sample.text)) for sample in permissive()]
    called_exact = [sample.name for sample, text in altered if any(kind == "exact" for _, kind in kinds(named(text)))]
    unchanged = [sample.name for sample, text in altered if text == sample.text]
    assert (called_exact, unchanged) == ([], [])


def permissive() -> list[Sample]:
    chosen = [sample for sample in known() if sample.name.startswith("spdx/") or sample.key == "openmdw-1.1"]
    return [
        s
        for s in chosen
        if (licence := TABLE.get(s.key or "")) is not None and licence.permissive and len(s.text) < 20_000
    ]


@needs_texts
@pytest.mark.usefixtures("no_second_opinion")
@pytest.mark.parametrize("notice", FALSE_NOTICES)
def test_no_restriction_hides_in_what_looks_like_a_notice(notice: str) -> None:
    texts = [sample for sample in permissive() if sample.name in SHORT]
    spoilt = [text for sample in texts for text in (f"{notice}\n\n{sample.text}", f"{sample.text}\n\n{notice}\n")]
    assert len(spoilt) == 2 * len(SHORT)
    assert [text[:60] for text in spoilt if ("exact" in {kind for _, kind in kinds(named(text))})] == []


@needs_texts
@pytest.mark.usefixtures("no_second_opinion")
@pytest.mark.parametrize("notice", NOTICES)
def test_an_unusual_notice_leaves_a_text_exact(notice: str) -> None:
    for sample in (sample for sample in permissive() if sample.name in SHORT):
        assert kinds(named(f"{notice}\n\n{sample.text}")) == [(sample.key, "exact")], sample.name


def mit_under(heading: str) -> str:
    text = (TEXTS / "spdx/MIT.txt").read_text("utf-8")
    return f"{heading}\n\nCopyright (c) 2024 Acme\n\n{text[text.index('Permission is hereby') :]}"


@needs_texts
@pytest.mark.parametrize(
    "heading",
    [
        "MIT License",
        "The MIT License (MIT)",
        "MIT LICENCE",
        "# MIT License",
        "**MIT License**",
        "The MIT License (MIT)\n=====================",
        "The Expat License",
        "MIT License (Expat)",
        "License: MIT",
        "Code License: MIT",
        "LICENSE",
        "The MIT License: https://opensource.org/licenses/MIT",
    ],
)
def test_mit_goes_by_many_headings(heading: str) -> None:
    assert kinds(named(mit_under(heading))) == [("mit", "exact")]


@needs_texts
def test_apache_as_it_is_found() -> None:
    """With and without the appendix, with its slots filled in, and in every wrapping."""
    apache = (TEXTS / "spdx/Apache-2.0.txt").read_text("utf-8")
    end = apache.index("END OF TERMS AND CONDITIONS")
    slot = "[yyyy] [name of copyright owner]"
    assert slot in apache
    forms = {
        "without the appendix": apache[: end + len("END OF TERMS AND CONDITIONS")],
        "without its last line": apache[:end],
        "filled in": apache.replace(slot, "2023 Acme Inc."),
        "filled in with a sign": apache.replace(
            f"Copyright {slot}", "Copyright (c) 2023 Acme, Inc. and its affiliates"
        ),
        "braces": apache.replace(slot, "{yyyy} {name of copyright owner}"),
        "entities": apache.replace('"', "&quot;"),
        "a mark at its head": "\ufeff" + apache,
        "other line ends": apache.replace("\n", "\r\n"),
        "old line ends": apache.replace("\n", "\r"),
        "safe addresses": apache.replace("http://", "https://"),
        "preformatted": f"<pre>\n{apache}</pre>",
        "a page": "<html><body>" + "".join(f"<p>{part}</p>" for part in apache.split("\n\n")) + "</body></html>",
    }
    assert {name: kinds(named(text)) for name, text in forms.items()} == {
        name: [("apache-2.0", "exact")] for name in forms
    }


@needs_texts
@pytest.mark.parametrize("holder", ["Acme", "the University of Acme, Heron", "Acme, Inc.", "The Acme Project"])
def test_bsd_with_a_named_holder(holder: str) -> None:
    text = (TEXTS / "spdx/BSD-3-Clause.txt").read_text("utf-8")
    by_name = re.sub(r"Neither the name of .{3,60}?\s+nor", f"Neither the name of {holder} nor", text, flags=re.DOTALL)
    disclaimed = text.replace("COPYRIGHT HOLDER ", f"{holder.upper()} ").replace(
        "COPYRIGHT HOLDERS ", f"{holder.upper()} "
    )
    for form in (by_name, disclaimed, re.sub(r"(?m)^\s*\d\.", " *", text), f"The 3-Clause BSD License\n\n{text}"):
        assert kinds(named(form)) == [("bsd-3-clause", "exact")]


@needs_texts
def test_cc_by_with_and_without_what_stands_around_it() -> None:
    text = (TEXTS / "spdx/CC-BY-4.0.txt").read_text("utf-8")
    first, last = text.index("By exercising the Licensed Rights"), text.rindex("Creative Commons is not a party")
    for form in (text, text[first:], text[first:last], text[:last], f"# CC BY 4.0\n\n{text[first:]}"):
        assert kinds(named(form)) == [("cc-by-4.0", "exact")]


PUBLISHERS = re.compile(
    r"\b(?:llama|meta|gemma|google|qwen|tongyi|alibaba(?: cloud)?|falcon|tii|mistral(?: ai)?|stability(?: ai)?|nvidia|"
    r"deepseek|apple|exaone|lg|grok|x\.?ai|databricks|dbrx|hunyuan|tencent|minimax|kimi|moonshot(?: ai)?|flux(?:\.1)?|"
    r"bigscience|bigcode|bloom|stable diffusion|creativeml|openrail(?:\+\+)?|rail|sdxl|openmdw|c4ai|cohere)\b",
    re.IGNORECASE,
)


@needs_texts
@pytest.mark.usefixtures("no_second_opinion")
def test_an_ai_licence_that_somebody_made_from_another_is_not_that_one() -> None:
    """Every AI licence with a title and a publisher that nobody has: most custom licences are made so."""
    for sample in (sample for sample in known() if sample.name.startswith("ai/") and sample.key != "apache-2.0"):
        made = "The Heron Nest Model Licence of 2031\n\n" + PUBLISHERS.sub("Heron", sample.text)
        assert kinds(named(made)) == [], sample.name


UNKNOWN = {
    "thresholds": "The Heron Community Licence Agreement. Section 1. Heron lets everyone run and change the model. "
    "Section 2. A company with over 40 million monthly active users must ask Heron for a licence. Section 3. You "
    "shall not use what the model writes to train another model.",
    "an attachment": "Heron OpenRAIL-M License. The grant is for good and for all, as long as Attachment A is kept. "
    "Attachment A: you agree not to use the model for gambling, weapons or the forging of letters.",
    "a modified text": "Modified MIT License. Do with the software as you like, but any product with more than 3 "
    "million dollars of monthly revenue must prominently display the name Heron.",
    "a territory": "Heron Terms of Use. The rights are not granted to persons in the European Union, and you may not "
    "use the model for commercial purposes there.",
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_ai_licence_that_nobody_has_seen_is_no_known_one(name: str) -> None:
    found = identify(UNKNOWN[name])
    assert found.matches == ()
    assert found.restrictions


@needs_texts
def test_a_restriction_by_one_word_shows_in_the_residue() -> None:
    mit = next(sample for sample in samples() if sample.name == "spdx/MIT.txt")
    found = identify(ALTERATIONS["one word in the middle"](mit.text))
    assert kinds(found) == [("mit", "variant")]
    assert found.residue_words == 1
    assert found.residue == ("academic",)
    assert found.matches[0].cover < 1


@needs_texts
def test_missing_words_are_said() -> None:
    apache = next(sample for sample in samples() if sample.name == "spdx/Apache-2.0.txt")
    found = identify(apache.text[: len(apache.text) * 3 // 4])
    assert kinds(found) == [("apache-2.0", "variant")]
    assert any("missing" in note for note in found.residue)


@needs_texts
def test_several_licences_in_one_file() -> None:
    texts = {sample.name: sample.text for sample in samples()}
    both = identify(texts["spdx/MIT.txt"] + "\n\n" + texts["spdx/Apache-2.0.txt"])
    assert kinds(both) == [("mit", "exact"), ("apache-2.0", "exact")]
    assert both.matches[0].lines[1] < both.matches[1].lines[0]
    policy = identify(texts["spdx/Apache-2.0.txt"] + "\n\n" + texts["ai/c4ai-aup.txt"])
    assert kinds(policy) == [("apache-2.0", "variant")]
    assert policy.residue_words > 200
    assert any(hit.flag == "acceptable_use_policy" for hit in policy.restrictions)


@needs_texts
def test_a_licence_within_a_card() -> None:
    mit = next(sample for sample in samples() if sample.name == "spdx/MIT.txt")
    section = "# Heron\n\nA small bird of a model.\n\n## License\n\n" + mit.text
    found = identify(section)
    assert kinds(found) == [("mit", "variant")]
    assert found.matches[0].lines[0] >= 5
    assert kinds(identify("## License\n\n" + mit.text)) == [("mit", "exact")]


@needs_texts
@pytest.mark.parametrize("title", ["Modified MIT License", "Heron License", "The Heron Model License Agreement"])
def test_a_known_body_under_a_foreign_heading_is_unknown(title: str) -> None:
    body = next(sample for sample in samples() if sample.name == "spdx/MIT.txt").text.split("\n", 1)[1]
    found = identify(f"{title}\n\n{body}\nThe name of the heron must be shown on every product.\n")
    assert "mit" not in {match.key for match in found.matches if match.match == "exact"}
    if title != "The Heron Model License Agreement":
        assert found.matches == ()


@needs_texts
def test_versions_are_told_apart() -> None:
    texts = {sample.name: sample.text for sample in samples()}
    swapped = texts["ai/openmdw-1.0.txt"].replace("1.0", "1.1")
    assert kinds(named(swapped)) in ([], [("openmdw-1.1", "variant")])
    later = texts["ai/llama3.1.txt"].replace("3.1", "3.2").replace("July 23, 2024", "September 25, 2024")
    assert all(kind == "variant" for _, kind in kinds(named(later)))
    future = texts["ai/llama3.3.txt"].replace("3.3", "5").replace("December 6, 2024", "May 1, 2027")
    assert kinds(named(future)) == []


@needs_texts
@needs_corpus
@pytest.mark.usefixtures("no_second_opinion")
def test_a_licence_that_the_index_lacks_is_never_another() -> None:
    """Leave each AI licence out of the index: it becomes unknown, and never a more permissive one.

    MiniMax M2's text calls itself "MIT License" and adds a paragraph: a variant of MIT is what it says it is.
    """
    sources = tuple(listed_sources([TEXTS, CORPUS]))
    taken_for: dict[str, set[tuple[str, str]]] = {}
    for key in sorted({source.key for source in sources}):
        licence = TABLE.get(key)
        if licence is None or licence.spdx:
            continue
        index = leave_out(INDEX, key)
        for source in sources:
            if source.key == key and (found := kinds(name_text(source.text, index))):
                taken_for.setdefault(key, set()).update(found)
    assert taken_for == {"modified-mit-minimax-m2": {("mit", "variant")}}


@needs_corpus
def test_the_recorded_repositories_licences() -> None:
    want = {
        "models/meta-llama/Llama-2-7b-hf/LICENSE.txt": "llama2",
        "models/stabilityai/stable-diffusion-xl-base-1.0/LICENSE.md": "openrail++",
        "models/bigscience/bloom-560m/LICENSE": "bigscience-bloom-rail-1.0",
        "models/Qwen/Qwen-7B/LICENSE": "tongyi-qianwen",
        "models/Qwen/Qwen-7B-Chat/LICENSE": "tongyi-qianwen",
        "models/tiiuae/falcon-7b/LICENSE.txt": "tii-falcon-llm-1.0",
        "models/microsoft/Phi-3-mini-4k-instruct/LICENSE": "mit",
        "models/openai/gpt-oss-20b/LICENSE": "apache-2.0",
    }
    for path, key in want.items():
        assert kinds(identify((CORPUS / path).read_text("utf-8"))) == [(key, "exact")], path
    for path in (
        "official/openai__gpt-2/LICENSE",
        "official/InternLM__InternLM/LICENSE",
        "models/huggyllama/llama-7b/LICENSE",
    ):
        assert all(kind == "variant" for _, kind in kinds(identify((CORPUS / path).read_text("utf-8")))), path


@needs_texts
def test_the_second_opinion_never_says_exact() -> None:
    texts = {sample.name: sample.text for sample in samples()}
    for name in ("spdx/ISC.txt", "spdx/Zlib.txt", "spdx/OSL-3.0.txt"):
        assert {match.match for match in fallback.proposals(texts[name])} == {"variant"}
    assert fallback.proposals(OWN) == ()
    assert fallback.proposals("x" * (fallback.MAX_CHARS + 1)) == ()


def test_an_unknown_text_is_nothing() -> None:
    found = identify(OWN)
    assert found.matches == ()
    assert found.residue_words == len(words_of(OWN).words)
    assert identify("").matches == identify("MIT").matches == ()


@pytest.mark.parametrize(
    ("line", "passes"),
    [
        ("Copyright (c) 2024 Example Corp", True),
        ("Copyright (C) 2007 Free Software Foundation, Inc. <https://fsf.org/>", True),
        ("Copyright (c) <year> <copyright holders>", True),
        ("Copyright 2018-2024 The Heron Authors. All rights reserved.", True),
        ("Copyright (c) 2023 Heron AI Research", True),
        ("(c) 2022 Heron Institute for Birds", True),
        ("All rights reserved.", True),
        ("Copyright 2024 X. Non-commercial use only.", False),
        ("Copyright 2024 X. For Research.", False),
        ("Copyright 2024 X Research Use", False),
        ("Copyright (c) 2024 X. All rights reserved. Birds excepted.", False),
        ("Copyright (c) 2024 X <https://x.example/no-derivatives>", False),
        ("Copyright 2024 X. Proprietary and confidential.", False),
        ("Copyright 2024 X\n\nbirds alone", False),
        ("copyright notice, this list of conditions", False),
        ("copyright holders", False),
        ("Copyrigth (c) 2024 hodlers", False),
        ("Copyright (c) 2024 the people who came to dinner that day", False),
        ("Copyright 2024 仅供研究", False),
    ],
)
def test_what_a_copyright_line_may_hold(line: str, *, passes: bool) -> None:
    assert is_notice(line) is passes


@given(
    st.sampled_from(
        ["only", "research use", "non-commercial", "military", "must not", "except EU", "prohibited", "for evaluation"]
    ),
    st.text("abc XY", max_size=12),
)
def test_a_name_never_holds_a_condition(condition: str, name: str) -> None:
    assert not is_name(f"{name} {condition}")
    assert not is_notice(f"Copyright 2024 {name} {condition}")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    found = identify(text)
    assert all(match.match == "variant" for match in found.matches)


@pytest.mark.parametrize(
    "text",
    [
        "a " * 200_000,
        "(" * 100_000,
        "copyright " * 50_000,
        "[" * 50_000 + "](",
        "<a " * 50_000,
        "# " * 90_000,
        "1. " * 90_000,
        "h t t p " * 30_000,
    ],
)
def test_hostile_text_takes_bounded_work(text: str) -> None:
    assert all(match.match == "variant" for match in identify(text).matches)


def test_words_leave_marks_aside_and_keep_what_could_hide() -> None:
    assert words_of("**1. The “Model”** isn’t\nfree-\nstanding").words == ("the", "model", "isnt", "free", "standing")
    assert words_of("[x](http://a.example/only)").words == ("x", "a", "example", "only")
    assert words_of("[https://a.example](https://a.example/)").words == ("a", "example")
    assert words_of("<!-- hidden --> <b>bold</b>").words == ("hidden", "bold")
    assert words_of("ver\u200bsion 2. of 2").words == ("version", "2", "of", "2")
    assert words_of("Line\nCopyright (c) 2024 Heron Inc.\nmore").words == ("line", "more")


def test_lines_are_those_of_the_text() -> None:
    words = words_of("one\r\n\r\n<b>two</b>\n[three\nfour](x)\nfive")
    assert [words.line(at) for at in range(3)] == [1, 3, 4]
    assert words.line(len(words.words) - 1) == 6


def test_the_index_is_hashes_and_its_version_is_its_content() -> None:
    data = encode(INDEX)
    again = index_from(data)
    assert again.version == index_version() == INDEX.version
    assert encode(again) == data
    assert len(data) < 2_000_000
    for wrong in (b"", b"not an index", MAGIC + b"\xff\xff\xff\xff"):
        with pytest.raises((ValueError, KeyError, IndexError, Exception)):
            index_from(wrong)


def test_the_index_knows_every_key_that_it_names() -> None:
    for text in INDEX.texts:
        assert text.key in TABLE.by_key or head_of(text.key).titles is not None
        assert text.segments


@needs_texts
@needs_corpus
def test_the_documented_command_makes_the_projects_index(tmp_path: Path) -> None:
    target = tmp_path / "licences.idx"
    command = [
        sys.executable,
        "-m",
        "osaudit.licences.build",
        str(TEXTS),
        "--corpus",
        str(CORPUS),
        "--corpus",
        str(JUDGED),
        "-o",
        str(target),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert index_version() in done.stdout
    assert target.read_bytes() == (ROOT / "criteria/licences.idx").read_bytes()
    refused = subprocess.run(
        [*command[:3], str(tmp_path / "nowhere")], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert refused.returncode == 2
    assert "no folder" in refused.stderr


def test_no_word_of_a_licence_is_in_the_index() -> None:
    data = (ROOT / "criteria/licences.idx").read_bytes()
    assert b"warranty" not in data
    assert json.dumps([text.key for text in INDEX.texts])
