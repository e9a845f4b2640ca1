"""Evidence files: there and back without loss, damaged ones told in a line, and a digest that stands still."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import pytest
from evidence_builder import COMMIT, evidence_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_evidence import any_evidence, cases

from osaudit import codec
from osaudit.codec import digest, dump, load
from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import EVIDENCE_SCHEMA, Evidence, ModelRef, Seen, Unseen
from osaudit.shapes import Shapes

QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
EXAMPLE = {
    "tag": "apache-2.0",
    "texts": [{"key": "llama2", "clauses": [5, 6], "text": "words"}, {"path": "USE_POLICY.md", "component": "policy"}],
    "statements": [{"kind": "restriction", "value": "non_commercial", "quote": "仅供研究 – “only”"}],
    "gate": {"mode": "auto", "prompt": "Share your name", "fields": ["Name"]},
    "config": {"remote_code": True, "quantization": "gptq"},
    "datasets": [{"name": "acme/corpus", "is": {"tag": "mit"}}, {"name": "acme/chat", "unseen": "gone"}],
    "bases": [{"name": "else/base-lm", "is": {"tag": "gemma", "bases": [{"name": "third/base-lm"}]}}],
    "unseen": [{"what": "a paper", "why": "none is read"}],
}


def damaged(change: Callable[[Any], None]) -> str:
    data = json.loads(dump(evidence_of(EXAMPLE)))
    change(data)
    return json.dumps(data)


def refusal(text: str | bytes) -> str:
    with pytest.raises(UsageError) as caught:
        load(text)
    words = str(caught.value)
    assert "\n" not in words
    assert len(words) < 500
    assert caught.value.exit_code == 2
    return words


# --- there and back


def test_there_and_back() -> None:
    evidence = evidence_of(EXAMPLE)
    assert load(dump(evidence)) == evidence
    assert load(dump(evidence).encode()) == evidence
    assert dump(load(dump(evidence))) == dump(evidence)


@QUICK
@given(evidence=any_evidence())
def test_any_evidence_goes_there_and_back(evidence: Evidence) -> None:
    text = dump(evidence)
    assert load(text) == evidence
    assert digest(load(text)) == digest(evidence)


@QUICK
@given(evidence=any_evidence())
def test_the_digest_is_that_of_pythons_own_canonical_json(evidence: Evidence) -> None:
    data = json.loads(dump(evidence))
    for name in ("schema", "sha256", "whole_texts"):
        del data[name]
    assert digest(evidence) == codec.load_digested(dump(evidence))[1] == _slow_digest(data)


def _slow_digest(data: Any) -> str:
    def timeless(one: Any) -> Any:
        if isinstance(one, dict):
            return {name: timeless(value) for name, value in one.items() if name != "collected_at"}
        return [timeless(value) for value in one] if isinstance(one, list) else one

    text = json.dumps(timeless(data), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _files(data: Any) -> Any:
    return data["files"]["seen"]["entries"]


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(later="a field that nobody knows"),
        lambda data: data.pop("unseen"),
        lambda data: data["ref"].pop("kind"),
        lambda data: data["ref"].update(more=1),
        lambda data: _files(data)[0].pop("size"),
        lambda data: (_files(data)[0].pop("size"), _files(data)[0].update(bytes=1)),
        lambda data: data["commit"].pop("where"),
        lambda data: data["commit"].update(absent=[]),
        lambda data: data["licence_claims"][0].update(links=""),
        lambda data: data["licence_texts"][0]["matches"][0].update(cover=1),
        lambda data: data["licence_texts"][0]["matches"][0].update(cover=1e-7),
        lambda data: data["bases"][0]["evidence"]["seen"].update(reread=""),
        lambda data: data["bases"][0]["evidence"]["seen"].update(collected_at="1999"),
        lambda data: _files(data)[0].update(size=2**70),
        lambda data: _files(data)[0].update(path="\ud800"),
    ],
)  # fmt: skip
def test_what_is_spelled_otherwise_than_it_is_written_has_the_digest_of_what_was_read(
    change: Callable[[Any], None],
) -> None:
    text = damaged(lambda data: (data.pop("sha256"), change(data)))
    read, found, recorded = codec.load_digested(text)
    data = json.loads(dump(read))
    for name in ("schema", "sha256", "whole_texts"):
        del data[name]
    assert found == digest(read) == _slow_digest(data)
    assert recorded == ""


@QUICK
@given(case=cases)
def test_built_evidence_goes_there_and_back(case: dict[str, Any]) -> None:
    evidence = evidence_of(case)
    assert load(dump(evidence)) == evidence


def test_a_fact_is_written_in_one_of_three_ways() -> None:
    data = json.loads(dump(evidence_of({**EXAMPLE, "config": "unknown", "card": "absent"})))
    assert data["schema"] == EVIDENCE_SCHEMA
    assert data["commit"]["seen"] == COMMIT
    assert set(data["card"]) == {"absent"}
    assert data["config"] == {"unknown": "the API did not say"}


@pytest.mark.parametrize("odd", ["\ud800", "\x00", "\u2028", "\u202e", "\x1b[31m", "🙂", "\\", '"'])
def test_odd_characters_survive_and_can_be_written_as_utf8(odd: str) -> None:
    evidence = replace(evidence_of(EXAMPLE), unseen=(Unseen(f"a{odd}b", odd),), ref=ModelRef(f"acme/{odd}"))
    assert load(dump(evidence).encode()) == evidence
    assert len(digest(evidence)) == 64


# --- the digest


def test_the_digest_of_a_small_record_never_changes_by_itself() -> None:
    """Whoever changes the shape of evidence on purpose changes this, and EVIDENCE_SCHEMA with it where files break."""
    fields = sorted(json.loads(dump(evidence_of({}))))
    assert fields == sorted(
        [
            "bases",
            "card",
            "collected_at",
            "commit",
            "config",
            "datasets",
            "files",
            "gate",
            "last_modified",
            "licence_claims",
            "licence_index",
            "licence_texts",
            "parameters",
            "readers",
            "ref",
            "schema",
            "sha256",
            "source",
            "unseen",
            "whole_texts",
        ]
    )
    assert digest(evidence_of({})) == digest(load(dump(evidence_of({}))))


def test_the_digest_tells_every_change_but_the_time() -> None:
    evidence = evidence_of(EXAMPLE)
    seen = {digest(evidence)}
    for change in (
        {"source": "folder"},
        {"licence_index": "other"},
        {"unseen": ()},
        {"licence_claims": ()},
        {"bases": ()},
        {"commit": Seen("1" * 40)},
    ):
        seen.add(digest(replace(evidence, **change)))
    assert len(seen) == 7
    assert digest(replace(evidence, collected_at="1999-01-01T00:00:00Z")) == digest(evidence)


# --- damaged files


def _set(path: str, value: object) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        *way, last = path.split("/")
        for step in way:
            data = data[int(step) if step.isdigit() else step]
        data[last] = value

    return change


DAMAGE: list[tuple[str, Callable[[Any], None]]] = [
    ("a missing field", lambda data: data.pop("files")),
    ("a missing nested field", lambda data: data["licence_texts"][0].pop("where")),
    ("no fact", _set("files", {"perhaps": 1})),
    ("a fact that is a list", _set("gate", [])),
    ("an unknown without a reason", _set("gate", {"unknown": None})),
    ("places that are no list", _set("commit", {"seen": "a", "where": 7})),
    ("a word that is none of those known", _set("source", "rumour")),
    ("an unknown kind of statement", _set("card/seen/statements/0/kind", "praise")),
    ("a number for a text", _set("collected_at", 7)),
    ("a text for a number", _set("card/seen/size", "100")),
    ("a text for a truth", _set("files/seen/complete", "false")),
    ("a number for a truth", _set("files/seen/complete", 0)),
    ("a truth for a number", _set("card/seen/size", True)),
    ("one line of two", _set("card/seen/statements/0/where/lines", [1])),
    ("three lines of two", _set("card/seen/statements/0/where/lines", [1, 2, 3])),
    ("a mapping for a list", _set("licence_texts", {"a": 1})),
    ("a list for a mapping", _set("ref", ["acme/tiny-lm"])),
    ("nothing", _set("licence_claims", None)),
]


@pytest.mark.parametrize("change", [pytest.param(row[1], id=row[0]) for row in DAMAGE])
def test_a_damaged_file_is_told_in_one_line(change: Callable[[Any], None]) -> None:
    assert "collect the model again" in refusal(damaged(change))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"schema": 1, "a": NaN}', "NaN is no number"),
        ('{"schema": 1, "a": -Infinity}', "is no number"),
        ('{"schema": 1, "a": 1e999}', "1e999 is no number"),
        ("[]", "not an evidence file"),
        ("null", "not an evidence file"),
        ('"schema"', "not an evidence file"),
        ("{}", "not an evidence file"),
        ('{"schema": 3}', "evidence schema 3 is not known here"),
        ('{"schema": "1"}', "is not known here"),
        ('{"schema": null}', "is not known here"),
        ('{"schema": 1}', "damaged"),
    ],
)
def test_what_is_no_evidence_file_is_told_in_one_line(text: str | bytes, says: str) -> None:
    assert says in refusal(text)


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "MAX_BYTES", 2**20)
    assert "over 1 MB" in refusal(" " * (2**20 + 1))


def _nested(levels: int) -> str:
    inner = json.loads(dump(evidence_of({"tag": "mit"})))
    del inner["sha256"], inner["whole_texts"]
    base = json.loads(dump(evidence_of({"bases": [{"name": "else/base-lm"}]})))["bases"][0]
    text = json.dumps(inner)
    for _ in range(levels):
        whole = json.dumps({**inner, "bases": [{**base, "evidence": "HERE"}]})
        text = whole.replace('"HERE"', '{"seen": ' + text + ', "where": []}')
    return text


@pytest.mark.parametrize("levels", [40, 120, 300])
def test_evidence_nested_without_end_is_told_in_one_line(levels: int) -> None:
    assert refusal(_nested(levels))


def test_evidence_nested_as_deep_as_is_read_has_a_digest() -> None:
    assert len(digest(load(_nested(30)))) == 64


@QUICK
@given(text=st.text(max_size=40), at=st.integers(0, 3000), cut=st.integers(0, 200))
def test_a_file_with_anything_changed_reads_or_is_told(text: str, at: int, cut: int) -> None:
    whole = dump(evidence_of(EXAMPLE))
    said = ""
    try:
        load(whole[:at] + text + whole[at + cut :])
    except OsauditError as error:
        said = str(error)
    assert "\n" not in said


@dataclasses.dataclass(frozen=True)
class _Leaf:
    word: str


@dataclasses.dataclass(frozen=True)
class _Stem:
    leaf: _Leaf


def test_a_type_that_two_threads_meet_at_once_is_written_by_both() -> None:
    making, go = threading.Event(), threading.Event()

    def special(_: Shapes, kind: object) -> None:
        if kind is _Leaf:
            making.set()
            assert go.wait(60)

    shapes, stem = Shapes({}, special), _Stem(_Leaf("a"))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(shapes.write, _Stem, stem)
        assert making.wait(60)
        second = pool.submit(shapes.write, _Stem, stem)
        wait([second], timeout=0.2)
        go.set()
        assert first.result(60) == second.result(60) == {"leaf": {"word": "a"}}
