"""Several models as RFC 4180 rows: one a model, ranked, with a column for each cell."""

from __future__ import annotations

import csv
import functools
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from osaudit.render.grid import main_verdicts, with_ranks
from osaudit.render.neutral import csv_cell
from osaudit.render.words import MARKS, number
from osaudit.verdict import Failure, GoverningLicence, Outcome, Scorecard, Verdict


def render_summary_csv(cards: Sequence[Scorecard], failures: Sequence[Failure] = ()) -> str:
    """Return the ranked table, models that could not be judged behind the others, without a rank.

    Lines end in CRLF; no cell begins as a formula would.
    """
    order = with_ranks(cards)
    cells = tuple(dict.fromkeys([(v.pack, v.criterion, v.facet) for _, card in order for v in card.verdicts]))
    packs = tuple(dict.fromkeys(result.pack for _, card in order for result in card.results))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    out.write(_head(packs, cells))
    for rank, card in order:
        outcomes = {(v.pack, v.criterion, v.facet): _outcome(v) for v in card.verdicts}
        results = {result.pack: result.name for result in card.results}
        told = _Told(card, Counter([verdict.answer.outcome for verdict in main_verdicts(card)]))
        row = [str(rank), *[read(told) for read in _COLUMNS.values()], *[results.get(pack, "") for pack in packs]]
        shown = list(map(csv_cell, row))
        shown[_LEFT:_LEFT] = _NO_ERROR
        writer.writerow([*shown, *[outcomes.get(cell, "") for cell in cells]])  # words of our own
    for failure in failures:
        known = {"model": failure.model, "revision": failure.revision or "", "label": "not-judged"}
        row = [known.get(column, "") for column in _COLUMNS]
        writer.writerow(map(csv_cell, ["", *row, failure.kind, failure.message, *("" for _ in (*packs, *cells))]))
    return out.getvalue()


_ERRORS = ("error_kind", "error")
"""Why a model could not be judged; empty for the others."""
_NO_ERROR = ("",) * len(_ERRORS)


@functools.lru_cache(maxsize=8)
def _head(packs: tuple[str, ...], cells: tuple[tuple[str, ...], ...]) -> str:
    """The first line: one for all models that are asked the same."""
    out = io.StringIO()
    heads = (*(f"result:{pack}" for pack in packs), *map(":".join, cells))
    csv.writer(out, lineterminator="\r\n").writerow(map(csv_cell, ["rank", *_COLUMNS, *_ERRORS, *heads]))
    return out.getvalue()


class _Told(NamedTuple):
    """A model, and how many of its cells have each outcome."""

    card: Scorecard
    tally: Counter[Outcome]


def _licence(component: str, read: Callable[[GoverningLicence], str]) -> Callable[[_Told], str]:
    return lambda told: next((read(licence) for name, licence in told.card.licences if name == component), "")


def _outcome(verdict: Verdict) -> str:
    """A cell's outcome, and whether it is a person's word."""
    return f"{verdict.answer.outcome}{' (attested)' if verdict.attestation else ''}"


def _count(outcome: Outcome) -> Callable[[_Told], str]:
    return lambda told: str(told.tally[outcome])


def _truth(value: bool) -> str:  # noqa: FBT001 - the value itself
    return "true" if value else "false"


_COLUMNS: Mapping[str, Callable[[_Told], str]] = MappingProxyType(
    {
        "model": lambda told: told.card.model,
        "revision": lambda told: told.card.revision or "",
        "commit": lambda told: told.card.commit or "",
        "label": lambda told: told.card.label.id if told.card.label.determined else "could-not-be-told",
        "label_name": lambda told: told.card.label.name,
        "label_basis": lambda told: told.card.label.basis,
        "label_attested": lambda told: " ".join(one.id for one in told.card.label.attested),
        "candidate": lambda told: _truth(told.card.label.candidate),
        "at_best": lambda told: told.card.label.at_best,
        "score_low": lambda told: number(told.card.score.low),
        "score_high": lambda told: number(told.card.score.high),
        **{
            f"licence_{component}{suffix}": _licence(component, read)
            for component in ("weights", "code", "data")
            for suffix, read in {
                "": lambda licence: licence.spdx or licence.name,
                "_basis": lambda licence: licence.basis,
                "_settled": lambda licence: _truth(licence.settled),
            }.items()
        },
        **{f"cells_{outcome}": _count(outcome) for outcome in MARKS},
        "conflicts": lambda told: str(len(told.card.conflicts)),
        "unseen": lambda told: str(len(told.card.unseen)),
        "incomplete": lambda told: _truth(told.card.incomplete),
        "source": lambda told: told.card.source,
        "collected_at": lambda told: told.card.collected_at,
        "evidence_sha256": lambda told: told.card.evidence_sha256,
        "packs": lambda told: " ".join(f"{pack.id}@{pack.version}" for pack in told.card.packs),
        "osaudit": lambda told: told.card.tool_version,
    }
)
_LEFT = 1 + len(_COLUMNS)
"""Columns before those of errors: the rank, and what is told of a model."""
