"""Why a licence is outside the open-source exemption of the EU's AI Act, or may be: a ground for each of its limits.

Paragraphs of the Commission's guidelines C(2025) 5045: access from every country 79, use 80, what disqualifies 83
(non-commercial or research use alone, scale, a separate licence for some uses), safety terms 84.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from osaudit.licences.grants import Limit, load_vocabulary

_MAX_FIELDS = 3


def grounds_of(limits: Iterable[Limit]) -> str:
    """The grounds in words, each with its clause, closed fields last; empty where no limit is one."""
    held = sorted(limits, key=lambda limit: limit.id == "field")
    told = [f"{words} ({limit.clause})" for limit in held if (words := _ground(limit))]
    return "; ".join(dict.fromkeys(told))


def _ground(limit: Limit) -> str:
    told = _WORDS.get(limit.id)
    return told(limit) if told else ""


def _unit(limit: Limit) -> str:
    return load_vocabulary().units[limit.unit]


def _fields(limit: Limit) -> str:
    words = [load_vocabulary().fields[field] for field in limit.fields]
    more = f" and {len(words) - _MAX_FIELDS} more" if len(words) > _MAX_FIELDS else ""
    return f"{', '.join(words[:_MAX_FIELDS])}{more}" if words else "by a list of its own"


def _above(limit: Limit) -> str:
    scope = f", {limit.scope}" if limit.scope else ""
    return f"no rights without an agreement of its own above {limit.over:,} {_unit(limit)}{scope}"


def _shut_out(limit: Limit) -> str:
    return f"{', '.join(limit.out)} shut out{f', for {limit.of} models' if limit.of else ''}"


_WORDS: Mapping[str, Callable[[Limit], str]] = MappingProxyType(
    {
        "purpose": lambda limit: f"use for {limit.only or 'non-commercial'} purposes alone",
        "threshold": _above,
        "territory": _shut_out,
        "permission": lambda _: "commercial use by the licensor's permission alone",
        "registration": lambda _: "commercial use after registering with the licensor",
        "hosting": lambda _: "hosting by an agreement of its own alone",
        "no-redistribution": lambda _: "nothing may be passed on",
        "no-derivatives": lambda _: "nothing that was changed may be passed on",
        "field": lambda limit: f"fields of use closed, to be weighed as safety terms: {_fields(limit)}",
    }
)
