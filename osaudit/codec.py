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
import operator
import re
import types
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Union, get_args, get_origin

import cattrs
from cattrs import ClassValidationError, Converter
from cattrs.errors import StructureHandlerNotFoundError
from cattrs.gen import make_dict_unstructure_fn, override

from osaudit import evidence as ev
from osaudit.errors import OsauditError, UsageError
from osaudit.jsontext import shown

MAX_BYTES = 64 * 1024 * 1024
MAX_NESTING = 32
READABLE = (1, ev.EVIDENCE_SCHEMA)
"""The schemas that can be read; `osaudit.reading.reread` fills in what the first of them lacks."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_CHANGED = "it was changed since it was written; collect the model again, or take the file as it was"
_BAD_SHAPE = (ClassValidationError, StructureHandlerNotFoundError, ValueError, TypeError, KeyError, RecursionError)


def dump(evidence: ev.Evidence, *, compact: bool = False) -> str:
    """Return the evidence file's text: JSON, indented, newline at the end; `compact`: in one line.

    Its digest stands in it, and which texts are kept whole: their own sha256 is that of the file that they were.
    """
    held = {"sha256": digest(evidence), "whole_texts": [path for path, text in _texts(evidence) if is_whole(text)]}
    data = {"schema": ev.EVIDENCE_SCHEMA, **held, **_as_dict(evidence)}
    text = json.dumps(data, ensure_ascii=False, indent=None if compact else 1)
    return shown(text) + "\n"


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
    if "sha256" in data and data["sha256"] != found:
        raise OsauditError(f"{name}: its content is not the one of its digest, {str(data['sha256'])[:64]}: {_CHANGED}")
    whole = tuple(path for path, one in texts.items() if is_whole(one))
    return read, Held(found, "sha256" in data, whole, tuple(path for path in texts if path not in whole))


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
    for path, fact in nested:
        if isinstance(fact, ev.Seen):
            yield from _texts(fact.value, f"{at}/{path}/evidence/seen")


def _structured(text: str | bytes) -> tuple[Mapping[str, Any], ev.Evidence]:
    if len(text) > MAX_BYTES:
        raise UsageError(f"the evidence file is over {MAX_BYTES // 2**20} MB: collect the model again")
    try:
        data = json.loads(text, parse_constant=_finite, parse_float=_finite)
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
        read = converter().structure(data, ev.Evidence)
    except _BAD_SHAPE as error:
        raise UsageError(f"the evidence file is damaged ({_first_line(error)}): collect the model again") from error
    if _nesting(read) > MAX_NESTING:
        raise UsageError(f"the evidence is nested more than {MAX_NESTING} levels deep: collect the model again")
    return data, read


def digest(evidence: ev.Evidence) -> str:
    """Return the sha256 (hex) of the evidence, with every `collected_at` left out."""
    data = _as_dict(evidence)
    _drop_times(data)
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()


def _as_dict(evidence: ev.Evidence) -> dict[str, Any]:
    data: dict[str, Any] = converter().unstructure(evidence, ev.Evidence)
    return data


def _drop_times(data: dict[str, Any]) -> None:
    """Take the times out of a fresh dictionary: the evidence's own, and those of what is nested in it."""
    del data["collected_at"]
    for named in (*data["bases"], *data["datasets"]):
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
        level = [fact.value for fact in named if isinstance(fact, ev.Seen)]
    return depth


def _first_line(error: BaseException) -> str:
    if isinstance(error, ClassValidationError):
        return cattrs.transform_error(error)[0][:200]
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _is_fact(kind: Any) -> bool:  # noqa: ANN401 - a type form
    return get_origin(kind) in (Union, types.UnionType) and ev.Absent in get_args(kind)


_LATER: Mapping[type, tuple[str, ...]] = MappingProxyType(
    {
        ev.LicenceClaim: ("choices", "links"),
        ev.Statement: ("rule", "keys", "about"),
        ev.Restriction: ("rule", "confidence", "about"),
        ev.LicenceText: ("flags", "words", "located"),
        ev.Gate: ("personal", "restrictions"),
        ev.Evidence: ("past", "probe", "readers", "reread", "unverified"),
    }
)
"""Fields that came after the first release, by the shape that has them."""

_PLACE_FIELDS = tuple(field.name for field in dataclasses.fields(ev.Where))


@functools.cache
def converter() -> Converter:
    """The converter that knows facts, and takes plain values as they are."""
    converter = Converter(forbid_extra_keys=False)
    converter.register_unstructure_hook_factory(
        _is_fact, lambda kind: functools.partial(_write_fact, _value_type(kind))
    )
    converter.register_structure_hook_factory(_is_fact, lambda kind: functools.partial(_read_fact, _value_type(kind)))
    for shape, names in _LATER.items():
        converter.register_unstructure_hook_factory(
            functools.partial(operator.is_, shape), functools.partial(_without_defaults, converter, names)
        )
    for kind in (bool, int, float, str):
        converter.register_structure_hook(kind, functools.partial(_read_plain, kind))
    return converter


def _without_defaults(converter: Converter, names: tuple[str, ...], kind: Any) -> Any:  # noqa: ANN401 - a type form
    """Leave fields out where they hold their default; made when first needed, for evidence nests."""
    later: dict[str, Any] = dict.fromkeys(names, override(omit_if_default=True))
    return make_dict_unstructure_fn(kind, converter, **later)


def _read_plain(kind: Any, value: Any, _: Any) -> Any:  # noqa: ANN401 - JSON
    """Take a plain value as it is: a text is no number, and "false" is not false."""
    if type(value) is kind:
        return value
    if kind is float and type(value) is int:
        return kind(value)
    raise TypeError(f"{kind.__name__} expected, {type(value).__name__} found")


def _write_fact(value_type: Any, fact: ev.Fact[Any]) -> dict[str, Any]:  # noqa: ANN401 - a type form
    match fact:
        case ev.Seen(value, where):
            return {"seen": converter().unstructure(value, value_type), "where": _places_out(where)}
        case ev.Absent(where):
            return {"absent": _places_out(where)}
        case ev.Unknown(why):
            return {"unknown": why}


def _read_fact(value_type: Any, data: Mapping[str, Any], _: Any) -> ev.Fact[Any]:  # noqa: ANN401 - type forms
    match data:
        case {"seen": value}:
            return ev.Seen(converter().structure(value, value_type), _places_in(data.get("where", [])))
        case {"absent": where}:
            return ev.Absent(_places_in(where))
        case {"unknown": str(why)}:
            return ev.Unknown(why)
        case _:
            raise ValueError("a fact is none of seen, absent, unknown")


def _places_out(where: tuple[ev.Where, ...]) -> list[dict[str, Any]]:
    return [{name: getattr(place, name) for name in _PLACE_FIELDS} for place in where]


def _places_in(data: Any) -> tuple[ev.Where, ...]:  # noqa: ANN401 - JSON
    return converter().structure(data, tuple[ev.Where, ...])


def _value_type(kind: Any) -> Any:  # noqa: ANN401 - a type form
    seen = next(option for option in get_args(kind) if get_origin(option) is ev.Seen)
    (value_type,) = get_args(seen)
    return value_type
