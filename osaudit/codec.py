"""Evidence as JSON and back, and its digest.

A fact is written as `{"seen": value, "where": [...]}`, `{"absent": [...]}` or `{"unknown": why}`. Fields that hold
their default are written too, so that the same evidence gives the same bytes; those that came later are not, so that
evidence from before them keeps its digest.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
import re
import types
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Union, get_args, get_origin

import orjson

from osaudit import evidence as ev
from osaudit.errors import OsauditError, UsageError
from osaudit.jsontext import indented, shown
from osaudit.shapes import Read, ShapeError, Shapes, Write

MAX_BYTES = 64 * 1024 * 1024
MAX_NESTING = 32
READABLE = (1, ev.EVIDENCE_SCHEMA)
"""The schemas that can be read; `osaudit.reading.reread` fills in what the first of them lacks."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_CHANGED = "it was changed since it was written; collect the model again, or take the file as it was"


_LARGE = re.compile(rb"[:,\[\s-]\d{19}")
"""Begins a number of more than 64 bits, or could."""


def dump(evidence: ev.Evidence, *, compact: bool = False) -> str:
    """Return the evidence file's text: JSON, indented, newline at the end; `compact`: in one line.

    Its digest stands in it, and which texts are kept whole: their own sha256 is that of the file that they were.
    """
    held = {"sha256": digest(evidence), "whole_texts": [path for path, text in _texts(evidence) if is_whole(text)]}
    data = {"schema": ev.EVIDENCE_SCHEMA, **held, **_as_dict(evidence)}
    return shown(_compact(data) if compact else indented(data, 1, allow_nan=True)) + "\n"


def _compact(data: Mapping[str, Any]) -> str:
    try:
        return orjson.dumps(data).decode()
    except TypeError:  # half of a pair of surrogates, a number of more than 64 bits
        return json.dumps(data, ensure_ascii=False)


def load(text: str | bytes, name: str = "the evidence file") -> ev.Evidence:
    """Read an evidence file's text; UsageError where it is not one, OsauditError where it is not what it says."""
    return load_held(text, name)[0]


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """What held when evidence was read: its digest, where it records one, and the texts that are kept whole."""

    digest: str
    recorded: bool
    whole: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def load_held(text: str | bytes, name: str = "the evidence file") -> tuple[ev.Evidence, Held]:
    """Read an evidence file's text, and tell what of it could be computed again."""
    data, read = _structured(text)
    found, listed = digest(read), data.get("whole_texts")
    texts = dict(_texts(read))
    for path in listed if isinstance(listed, list) else ():
        if path not in texts or not is_whole(texts[path]):
            told = texts[path].where.path if path in texts else path
            raise OsauditError(f"{name}: the text of {told} is not the one of its sha256 ({path}): {_CHANGED}")
    if "sha256" in data:
        require_digest(str(data["sha256"]) or "none", found, name)
    whole = tuple(path for path, one in texts.items() if is_whole(one))
    return read, Held(found, "sha256" in data, whole, tuple(path for path in texts if path not in whole))


def load_undigested(text: str | bytes) -> tuple[ev.Evidence, str]:
    """Read an evidence file's text without computing its digest; give what it records, empty where it records none.

    For who computes the digest later, as judging does, and holds it to what is recorded. UsageError where it is none.
    """
    data, read = _structured(text)
    recorded = data.get("sha256")
    return read, recorded if isinstance(recorded, str) else ""


def require_digest(recorded: str, found: str, name: str) -> None:
    """Hold evidence to the digest that it records; OsauditError where it is another's."""
    if recorded and recorded != found:
        raise OsauditError(f"{name}: its content is not the one of its digest, {recorded[:64]}: {_CHANGED}")


def is_whole(text: ev.LicenceText) -> bool:
    """Tell whether a text is kept as the file was: its sha256 is that of the file."""
    if not isinstance(text.text, ev.Seen) or text.where.sha256 is None:
        return False
    return hashlib.sha256(text.text.value.encode(errors="surrogatepass")).hexdigest() == text.where.sha256


def _texts(evidence: ev.Evidence, at: str = "") -> Iterator[tuple[str, ev.LicenceText]]:
    """The licence texts of the evidence and of what is nested in it, by their JSON pointers."""
    for number, text in enumerate(evidence.licence_texts):
        yield f"{at}/licence_texts/{number}", text
    nested = [(f"bases/{number}", base.evidence) for number, base in enumerate(evidence.bases)]
    nested += [(f"datasets/{number}", use.evidence) for number, use in enumerate(evidence.datasets)]
    nested += [(f"linked/seen/{number}", code.evidence) for number, code in enumerate(_linked(evidence))]
    for path, fact in nested:
        if isinstance(fact, ev.Seen):
            yield from _texts(fact.value, f"{at}/{path}/evidence/seen")


def _structured(text: str | bytes) -> tuple[Mapping[str, Any], ev.Evidence]:
    if len(text) > MAX_BYTES:
        raise UsageError(f"the evidence file is over {MAX_BYTES // 2**20} MB: collect the model again")
    try:
        data = _parsed(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"the evidence file is not JSON ({error}): write it with `osaudit collect MODEL -o FILE`"
        ) from error
    if not isinstance(data, dict) or "schema" not in data:
        raise UsageError("this JSON is not an evidence file: write one with `osaudit collect MODEL -o FILE`")
    if "verdicts" in data:
        raise UsageError("this is a scorecard, which is judged already: render it with `osaudit report`")
    if data["schema"] not in READABLE:
        raise UsageError(
            f"evidence schema {data['schema']!r} is not known here, {ev.EVIDENCE_SCHEMA} is: collect the model again"
        )
    try:
        read: ev.Evidence = shapes().read(ev.Evidence, data)
    except (ShapeError, RecursionError) as error:
        raise UsageError(f"the evidence file is damaged ({str(error)[:200]}): collect the model again") from error
    if _nesting(read) > MAX_NESTING:
        raise UsageError(f"the evidence is nested more than {MAX_NESTING} levels deep: collect the model again")
    return data, read


def _parsed(text: str | bytes) -> Any:  # noqa: ANN401 - JSON
    """Parse JSON; what the fast parser refuses, or takes for a fraction, is for the other to read or to tell of."""
    data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    try:
        if not _LARGE.search(data):
            return orjson.loads(data)
    except ValueError:
        pass
    return json.loads(text, parse_constant=_finite, parse_float=_finite)


def digest(evidence: ev.Evidence) -> str:
    """Return the sha256 (hex) of the evidence, with every `collected_at` left out."""
    data = _as_dict(evidence)
    _drop_times(data)
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()


def _as_dict(evidence: ev.Evidence) -> dict[str, Any]:
    data: dict[str, Any] = shapes().write(ev.Evidence, evidence)
    return data


def _drop_times(data: dict[str, Any]) -> None:
    """Take the times out of a fresh dictionary: the evidence's own, and those of what is nested in it."""
    del data["collected_at"]
    linked = data.get("linked", {}).get("seen", ())
    for named in (*data["bases"], *data["datasets"], *linked):
        if "seen" in named["evidence"]:
            _drop_times(named["evidence"]["seen"])


def _finite(word: str) -> float:
    """Read a number; JSON knows neither NaN nor infinity, and nothing that is judged may rest on one."""
    number = float(word)
    if not math.isfinite(number):
        raise ValueError(f"{word[:20]} is no number")
    return number


def _nesting(evidence: ev.Evidence) -> int:
    """How many levels of bases and data sets are nested."""
    level, depth = [evidence], 0
    while level:
        depth += 1
        named = [base.evidence for one in level for base in one.bases]
        named += [use.evidence for one in level for use in one.datasets]
        named += [code.evidence for one in level for code in _linked(one)]
        level = [fact.value for fact in named if isinstance(fact, ev.Seen)]
    return depth


def _linked(evidence: ev.Evidence) -> tuple[ev.LinkedRepository, ...]:
    return evidence.linked.value if isinstance(evidence.linked, ev.Seen) else ()


def _is_fact(kind: Any) -> bool:  # noqa: ANN401 - a type form
    return get_origin(kind) in (Union, types.UnionType) and ev.Absent in get_args(kind)


_LATER: Mapping[type, tuple[str, ...]] = MappingProxyType(
    {
        ev.LicenceClaim: ("choices", "links"),
        ev.Statement: ("rule", "keys", "about"),
        ev.Restriction: ("rule", "confidence", "about"),
        ev.LicenceText: ("flags", "words", "located"),
        ev.Gate: ("personal", "restrictions"),
        ev.Evidence: ("past", "probe", "readers", "reread", "unverified", "differing", "linked"),
    }
)
"""Fields that came after the first release, by the shape that has them."""


@functools.cache
def shapes() -> Shapes:
    """How evidence, and what is kept of snapshots, is written and read."""
    return Shapes(_LATER, _fact_shape)


def _fact_shape(shapes: Shapes, kind: Any) -> tuple[Write, Read] | None:  # noqa: ANN401 - a type form
    """How a fact is written and read."""
    if not _is_fact(kind):
        return None
    written, read, places = shapes.writer(_value_type(kind)), shapes.reader(_value_type(kind)), tuple[ev.Where, ...]
    place_written, places_read = shapes.writer(ev.Where), shapes.reader(places)

    def write_fact(fact: ev.Fact[Any]) -> dict[str, Any]:
        match fact:
            case ev.Seen(value, where):
                told = value if written is None else written(value)
                return {"seen": told, "where": [place_written(place) for place in where] if place_written else []}
            case ev.Absent(where):
                return {"absent": [place_written(place) for place in where] if place_written else []}
            case ev.Unknown(why):
                return {"unknown": why}

    def read_fact(data: Any) -> ev.Fact[Any]:  # noqa: ANN401 - JSON
        match data:
            case {"seen": value}:
                return ev.Seen(read(value), places_read(data.get("where", [])))
            case {"absent": where}:
                return ev.Absent(places_read(where))
            case {"unknown": str(why)}:
                return ev.Unknown(why)
            case _:
                raise ShapeError("a fact is none of seen, absent, unknown")

    return write_fact, read_fact


def _value_type(kind: Any) -> Any:  # noqa: ANN401 - a type form
    seen = next(option for option in get_args(kind) if get_origin(option) is ev.Seen)
    (value_type,) = get_args(seen)
    return value_type
