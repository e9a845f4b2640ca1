"""Front matter: read as the Hub's client reads it, and never built."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard
from hypothesis import given
from hypothesis import strategies as st
from made_snapshots import doc_of

from osaudit.evidence import Absent, Fact, FrontMatter, Seen, Unknown, Where
from osaudit.reading.page import frontmatter
from osaudit.reading.page.places import collapse


def read(text: str) -> FrontMatter:
    fact = frontmatter.from_card(doc_of(text))
    assert isinstance(fact, Seen), fact
    return fact.value


def value(fact: Fact[Any]) -> object:
    return fact.value if isinstance(fact, Seen) else None


def test_a_plain_card() -> None:
    matter = read("---\nlicense: mit\ndatasets:\n- one\n- two/three\nbase_model: a/b\ntags: [x]\n---\n# Card\n")
    assert value(matter.license) == ("mit",)
    assert value(matter.datasets) == ("one", "two/three")
    assert value(matter.base_model) == ("a/b",)
    assert isinstance(matter.license_name, Absent)
    assert matter.problems == ()


def test_a_value_is_pointed_to_by_line_and_key() -> None:
    matter = read("\n\n---\nlanguage: en\nlicense: mit\n---\nText\n")
    assert isinstance(matter.license, Seen)
    place = matter.license.where[0]
    assert (place.lines, place.pointer, place.quote) == ((5, 5), "/license", "license: mit")
    assert place.url is not None
    assert place.url.endswith("/README.md#L5-L5")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_line_endings_and_leading_blanks(ending: str) -> None:
    lines = ("", "  ", "---", "license: mit", "---", "Text")
    assert value(read(ending.join(lines)).license) == ("mit",)


def test_lone_carriage_returns_are_line_endings_too() -> None:
    assert value(read("---\rlicense: mit\r---\n").license) == ("mit",)


def test_numbers_dates_and_booleans_stay_text() -> None:
    matter = read("---\nlicense: 2020-01-01\ndatasets: [0777, yes, 1.0]\nlanguage: no\n---\n")
    assert value(matter.license) == ("2020-01-01",)
    assert value(matter.datasets) == ("0777", "yes", "1.0")
    assert value(matter.language) == ("no",)


def test_the_licence_counts_by_every_spelling_of_its_key() -> None:
    for key in ("licence", "licenses", "Licences", "License"):
        fact = read(f"---\n{key}: cc-by-nc-4.0\n---\n").license
        assert isinstance(fact, Seen)
        assert (fact.value, fact.where[0].pointer) == (("cc-by-nc-4.0",), f"/{key}")
    both = read("---\nlicense: mit\nlicenses:\n- cc-by-nc-4.0\n- mit\n---\n").license
    assert isinstance(both, Seen)
    assert both.value == ("mit", "cc-by-nc-4.0")
    assert [place.pointer for place in both.where] == ["/license", "/licenses"]


def test_both_of_two_equal_licence_keys_count() -> None:
    assert value(read("---\nlicense: mit\nlicense: other\n---\n").license) == ("mit", "other")


def test_wrong_types_are_named_and_cost_nothing_else() -> None:
    matter = read("---\nlicense: {a: b}\nlicense_name: [x, y]\ndatasets: [good, {bad: 1}]\nbase_model: a/b\n---\n")
    assert isinstance(matter.license, Unknown)
    assert isinstance(matter.license_name, Unknown)
    assert value(matter.datasets) == ("good",)
    assert set(matter.problems) == {"license", "license_name", "datasets"}
    assert value(matter.base_model) == ("a/b",)


def test_empty_and_null_values_are_absent() -> None:
    matter = read("---\nlicense:\nlicense_name: ''\ndatasets: []\nbase_model: ~\n---\n")
    facts = (matter.license, matter.license_name, matter.datasets, matter.base_model)
    assert all(isinstance(fact, Absent) for fact in facts)


def test_no_front_matter_is_absent_and_an_empty_one_is_seen() -> None:
    assert isinstance(frontmatter.from_card(doc_of("# Only a title\n")), Absent)
    assert isinstance(frontmatter.from_card(doc_of("---\nlicense: mit\nnever closed\n")), Absent)
    assert isinstance(read("---\n\n---\n").license, Absent)


@pytest.mark.parametrize(
    "text",
    [
        "---\n- a\n- b\n---\n",
        "---\njust words\n---\n",
        "---\nlicense: [mit\n---\n",
        "---\nlicense:\n\t- mit\n---\n",
        "---\na: &x [1]\nb: *y\n---\n",
        "---\n" + "[" * 5_000 + "]" * 5_000 + "\n---\n",
        "---\n" + "- " * 5_000 + "a\n---\n",
        "---\n" + "a: b\n" * 300_000 + "---\n",
    ],
)
def test_what_cannot_be_used_says_so(text: str) -> None:
    fact = frontmatter.from_card(doc_of(text))
    assert isinstance(fact, Unknown)
    assert "\n" not in fact.why


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "---\nlicense: mit\n" + "\n".join(lines) + f"\ndatasets: *a{levels - 1}\n---\n"


def test_an_alias_bomb_is_refused() -> None:
    fact = frontmatter.from_card(doc_of(bomb(9)))
    assert isinstance(fact, Unknown)
    assert "aliases" in fact.why


def test_a_chain_of_aliases_is_refused() -> None:
    chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 4_000))
    assert isinstance(frontmatter.from_card(doc_of(f"---\n{chain}---\n")), Unknown)


def test_few_aliases_and_merge_keys_work() -> None:
    matter = read("---\nx: &x\n  license: mit\n  datasets: [a]\n<<: *x\nbase_model: &b a/b\ntags: [*b]\n---\n")
    assert value(matter.license) == ("mit",)
    assert value(matter.tags) == ("a/b",)


def test_tags_of_yaml_build_nothing() -> None:
    matter = read("---\nlicense: !!python/object/apply:os.system [echo]\ndatasets: !!binary aGk=\n---\n")
    assert value(matter.license) == ("echo",)
    assert value(matter.datasets) == ("aGk=",)


def test_markup_in_values_stays_as_it_is() -> None:
    assert (
        value(read("---\nlicense_name: <script>alert(1)</script>\n---\n").license_name) == "<script>alert(1)</script>"
    )


def test_the_gate_is_read() -> None:
    matter = read(
        "---\nextra_gated_prompt: >-\n  You agree\n  to it.\n"
        "extra_gated_fields:\n  Country: country\n  I agree: checkbox\nextra_gated_eu_disallowed: true\n---\n"
    )
    assert value(matter.gated_prompt) == "You agree to it."
    assert value(matter.gated_fields) == ("Country", "I agree")
    assert value(matter.gated_eu_disallowed) is True


def test_a_record_of_the_api_gives_the_same_values() -> None:
    record = {"license": "mit", "datasets": ["a", "b"], "base_model": {"x": 1}, "tags": None}
    record["extra_gated_eu_disallowed"] = True
    matter = frontmatter.from_record(record, lambda key, _: (Where("a/b", None, "api", pointer=f"/cardData/{key}"),))
    assert value(matter.license) == ("mit",)
    assert value(matter.datasets) == ("a", "b")
    assert value(matter.gated_eu_disallowed) is True
    assert isinstance(matter.base_model, Unknown)
    assert isinstance(matter.license, Seen)
    assert matter.license.where[0].pointer == "/cardData/license"


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    frontmatter.from_card(doc_of(f"---\n{text}\n---\n"))
    frontmatter.from_card(doc_of(text))


YAML_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=6), children, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["license", "datasets", "base_model", "x"]), YAML_VALUE, max_size=4))
def test_texts_that_were_dumped_come_back(values: dict[str, Any]) -> None:
    matter = read(f"---\n{yaml.safe_dump(values)}---\n")
    for key in ("license", "datasets", "base_model"):
        held = values.get(key)
        if isinstance(held, str) and held.strip():
            assert value(getattr(matter, key)) == (held,)


def bulk_cards(corpus: Path) -> Iterator[tuple[str, str]]:
    for name in ("model_cards_2023-05.jsonl.gz", "model_cards_2020-12.jsonl", "dataset_cards_2022-10.jsonl"):
        path = corpus / "bulk" / name
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            for line in lines:
                record = json.loads(line)
                yield record["id"], record["card"]


def as_texts(held: object) -> list[str]:
    items = held if isinstance(held, list) else [held]
    return [str(item) for item in items if item is not None and not isinstance(item, dict) and str(item).strip()]


def theirs_of(data: dict[str, Any], key: str) -> list[str]:
    """What the Hub's client reads under a key; the licence also under the spellings that only a reader understands."""
    keys = [key]
    if key == "license":
        keys = [name for name in data if name.strip().casefold() in {"license", "licence", "licenses", "licences"}]
    return list(dict.fromkeys(text for name in keys for text in as_texts(data.get(name))))


def test_every_recorded_card_reads_as_the_hubs_client_reads_it(corpus: Path) -> None:
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    accepted = 0
    for repo, text in bulk_cards(corpus):
        card = doc_of(text.removeprefix("\ufeff"), repo)
        fact = frontmatter.from_card(card)
        try:
            theirs = ModelCard(card.text, ignore_metadata_errors=True)
        except (yaml.YAMLError, ValueError, TypeError):
            continue
        accepted += 1
        for key in ("license", "datasets", "base_model"):
            ours = getattr(fact.value, key) if isinstance(fact, Seen) else Absent()
            assert list(dict.fromkeys(value(ours) or ())) == theirs_of(theirs.data.to_dict(), key), (repo, key)
            for place in ours.where if isinstance(ours, Seen) else ():
                lines = card.text.split("\n")[place.lines[0] - 1 : place.lines[1]]
                assert place.quote in collapse("\n".join(lines)), (repo, key)
    assert accepted > 10_000
