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
import types
from collections.abc import Callable, Iterator, Mapping
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
_HELD = frozenset({"schema", "sha256", "whole_texts"})
"""What stands in an evidence file beside the evidence."""
_CHANGED = "it was changed since it was written; collect the model again, or take the file as it was"


def dump(evidence: ev.Evidence, *, compact: bool = False) -> str:
    """Return the evidence file's text: JSON, indented, newline at the end; `compact`: in one line.

    Its digest stands in it, and which texts are kept whole: their own sha256 is that of the file that they were.
    """
    told, plain = shapes().write_plainly(ev.Evidence, evidence)
    whole = [path for path, text in _texts(evidence) if is_whole(text)]
    held = {"sha256": _digested(told, plain=plain), "whole_texts": whole}
    data = {"schema": ev.EVIDENCE_SCHEMA, **held, **told}
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
    data, read, exact = _structured(text)
    found, listed = _digest_of(data, read, exact=exact), data.get("whole_texts")
    texts = dict(_texts(read))
    for path in listed if isinstance(listed, list) else ():
        if path not in texts or not is_whole(texts[path]):
            told = texts[path].where.path if path in texts else path
            raise OsauditError(f"{name}: the text of {told} is not the one of its sha256 ({path}): {_CHANGED}")
    if "sha256" in data:
        require_digest(str(data["sha256"]) or "none", found, name)
    whole = tuple(path for path, one in texts.items() if is_whole(one))
    return read, Held(found, "sha256" in data, whole, tuple(path for path in texts if path not in whole))


def load_digested(text: str | bytes) -> tuple[ev.Evidence, str, str]:
    """Read an evidence file's text; give its digest and what it records, which is empty where it records none.

    For who holds the one to the other later (`require_digest`), as a sweep does. UsageError where it is no evidence.
    """
    data, read, exact = _structured(text)
    recorded = data.get("sha256")
    return read, _digest_of(data, read, exact=exact), recorded if isinstance(recorded, str) else ""


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


def _structured(text: str | bytes) -> tuple[dict[str, Any], ev.Evidence, bool]:
    """Read evidence; give the JSON and the evidence, and whether the one is sure to be written as the other."""
    if len(text) > MAX_BYTES:
        raise UsageError(f"the evidence file is over {MAX_BYTES // 2**20} MB: collect the model again")
    try:
        return _shaped(_quickly(text))
    except (
        ValueError,
        RecursionError,
    ):  # no JSON, or of no such shape, as a number is that is too large for the quick parser
        data = _exactly(text)
    try:
        return _shaped(data)
    except (ShapeError, RecursionError) as error:
        raise UsageError(f"the evidence file is damaged ({str(error)[:200]}): collect the model again") from error


def _shaped(data: Any) -> tuple[dict[str, Any], ev.Evidence, bool]:  # noqa: ANN401 - JSON
    if not isinstance(data, dict) or "schema" not in data:
        raise UsageError("this JSON is not an evidence file: write one with `osaudit collect MODEL -o FILE`")
    if "verdicts" in data:
        raise UsageError("this is a scorecard, which is judged already: render it with `osaudit report`")
    if data["schema"] not in READABLE:
        schema = f"evidence schema {data['schema']!r}"
        raise UsageError(f"{schema} is not known here, {ev.EVIDENCE_SCHEMA} is: collect the model again")
    own = {name: value for name, value in data.items() if name not in _HELD}
    read, exact = shapes().read_exactly(ev.Evidence, own)
    if _nesting(read) > MAX_NESTING:
        raise UsageError(f"the evidence is nested more than {MAX_NESTING} levels deep: collect the model again")
    return data, read, exact


def _quickly(text: str | bytes) -> Any:  # noqa: ANN401 - JSON
    """Parse JSON quickly; a whole number of more than 64 bits comes out as a fraction, which no field takes for one."""
    return orjson.loads(text.encode(errors="surrogatepass") if isinstance(text, str) else text)


def _exactly(text: str | bytes) -> Any:  # noqa: ANN401 - JSON
    """Parse JSON as Python does; UsageError where it is none."""
    try:
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"the evidence file is not JSON ({error}): write it with `osaudit collect MODEL -o FILE`"
        ) from error


def digest(evidence: ev.Evidence) -> str:
    """Return the sha256 (hex) of the evidence, with every `collected_at` left out."""
    told, plain = shapes().write_plainly(ev.Evidence, evidence)
    return _digested(told, plain=plain)


def _digest_of(data: Mapping[str, Any], read: ev.Evidence, *, exact: bool) -> str:
    """The digest of evidence that was read: where its JSON is what would be written, of that JSON."""
    if not exact:
        return digest(read)
    return _digested({name: value for name, value in data.items() if name not in _HELD}, plain=True)


def _digested(data: Mapping[str, Any], *, plain: bool) -> str:
    """The sha256 of the canonical JSON without its times; `plain` says that any writer spells its numbers alike."""
    timeless = _without_times(data)
    if plain:
        try:
            return hashlib.sha256(orjson.dumps(timeless, option=orjson.OPT_SORT_KEYS)).hexdigest()
        except TypeError:  # half of a pair of surrogates, a number of more than 64 bits
            pass
    canonical = json.dumps(timeless, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()


def _without_times(data: Mapping[str, Any]) -> dict[str, Any]:
    """Leave the times out: the evidence's own, and those of what is nested in it."""
    told = {name: value for name, value in data.items() if name != "collected_at"}
    for name in ("bases", "datasets"):
        told[name] = [_with_timeless(one) for one in told[name]]
    if "seen" in told.get("linked", {}):
        told["linked"] = {**told["linked"], "seen": [_with_timeless(one) for one in told["linked"]["seen"]]}
    return told


def _with_timeless(named: dict[str, Any]) -> dict[str, Any]:
    """What names evidence, with that evidence's times left out."""
    fact = named["evidence"]
    return {**named, "evidence": {**fact, "seen": _without_times(fact["seen"])}} if "seen" in fact else named


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
    value, places = _value_type(kind), tuple[ev.Where, ...]
    return (
        _fact_writer(shapes.writer(value), shapes.writer(places) or list),
        _fact_reader(shapes.reader(value), shapes.reader(places), shapes.odd),
    )


def _fact_writer(written: Write | None, places_written: Write) -> Write:
    def write_fact(fact: ev.Fact[Any]) -> dict[str, Any]:
        match fact:
            case ev.Seen(value, where):
                told = value if written is None else written(value)
                return {"seen": told, "where": places_written(where) if where else []}
            case ev.Absent(where):
                return {"absent": places_written(where) if where else []}
            case ev.Unknown(why):
                return {"unknown": why}

    return write_fact


def _fact_reader(read: Read, places_read: Read, odd: Callable[[], None]) -> Read:
    """How a fact is read; `odd` is told of one that would be written otherwise."""

    def read_fact(data: Any) -> ev.Fact[Any]:  # noqa: ANN401 - JSON
        if type(data) is not dict:
            raise ShapeError("a fact is none of seen, absent, unknown")
        if "seen" in data:
            if len(data) != 2 or "where" not in data:  # noqa: PLR2004 - as it is written
                odd()
            return ev.Seen(read(data["seen"]), places_read(data.get("where", [])))
        if len(data) != 1:
            odd()
        if "absent" in data:
            return ev.Absent(places_read(data["absent"]))
        if type(why := data.get("unknown")) is str:
            return ev.Unknown(why)
        raise ShapeError("a fact is none of seen, absent, unknown")

    return read_fact


def _value_type(kind: Any) -> Any:  # noqa: ANN401 - a type form
    seen = next(option for option in get_args(kind) if get_origin(option) is ev.Seen)
    (value_type,) = get_args(seen)
    return value_type
