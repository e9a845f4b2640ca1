"""Why a licence is outside the open-source exemption of the EU's AI Act, or may be: a ground for each limit that it has.

Paragraphs of the Commission's guidelines C(2025) 5045: access from every country 79, use 80, what disqualifies 83
(non-commercial or research use alone, scale, a separate licence for some uses), safety terms 84.
"""

from __future__ import annotations

from collections.abc import Iterable

from osaudit.licences.grants import Limit, load_vocabulary

_MAX_FIELDS = 3


def grounds_of(limits: Iterable[Limit]) -> str:
    """The grounds in words, each with its clause, closed fields last; empty where no limit is one."""
    held = sorted(limits, key=lambda limit: limit.id == "field")
    told = [f"{words} ({limit.clause})" for limit in held if (words := _ground(limit))]
    return "; ".join(dict.fromkeys(told))


def _ground(limit: Limit) -> str:
    match limit.id:
        case "purpose":
            return f"use for {limit.only or 'non-commercial'} purposes alone"
        case "threshold":
            scope = f", {limit.scope}" if limit.scope else ""
            return f"no rights without an agreement of its own above {limit.over:,} {_unit(limit)}{scope}"
        case "territory":
            kind = f", for {limit.of} models" if limit.of else ""
            return f"{', '.join(limit.out)} shut out{kind}"
        case "permission":
            return "commercial use by the licensor's permission alone"
        case "registration":
            return "commercial use after registering with the licensor"
        case "hosting":
            return "hosting by an agreement of its own alone"
        case "no-redistribution":
            return "nothing may be passed on"
        case "no-derivatives":
            return "nothing that was changed may be passed on"
        case "field":
            return f"fields of use closed, to be weighed as safety terms: {_fields(limit)}"
        case _:
            return ""


def _unit(limit: Limit) -> str:
    return load_vocabulary().units[limit.unit]


def _fields(limit: Limit) -> str:
    words = [load_vocabulary().fields[field] for field in limit.fields]
    more = f" and {len(words) - _MAX_FIELDS} more" if len(words) > _MAX_FIELDS else ""
    return f"{', '.join(words[:_MAX_FIELDS])}{more}" if words else "by a list of its own"
