"""Several models as RFC 4180 rows: one a model, ranked, with a column for each cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from osaudit.render.grid import ranked, tally, with_ranks
from osaudit.render.neutral import csv_cell
from osaudit.render.words import MARKS, number
from osaudit.verdict import Failure, GoverningLicence, Outcome, Scorecard, Verdict


def render_summary_csv(cards: Sequence[Scorecard], failures: Sequence[Failure] = ()) -> str:
    """Return the ranked table, models that could not be judged behind the others, without a rank.

    Lines end in CRLF; no cell begins as a formula would.
    """
    order = ranked(cards)
    cells = tuple(dict.fromkeys((v.pack, v.criterion, v.facet) for card in order for v in card.verdicts))
    packs = tuple(dict.fromkeys(result.pack for card in order for result in card.results))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    heads = (*(f"result:{pack}" for pack in packs), *(":".join(cell) for cell in cells))
    writer.writerow(map(csv_cell, ["rank", *_COLUMNS, *_ERRORS, *heads]))
    for rank, card in with_ranks(cards):
        outcomes = {(v.pack, v.criterion, v.facet): _outcome(v) for v in card.verdicts}
        results = {result.pack: result.name for result in card.results}
        found = (*(results.get(pack, "") for pack in packs), *(outcomes.get(cell, "") for cell in cells))
        row = [str(rank), *(read(card) for read in _COLUMNS.values()), *("" for _ in _ERRORS), *found]
        writer.writerow(map(csv_cell, row))
    for failure in failures:
        known = {"model": failure.model, "revision": failure.revision or "", "label": "not-judged"}
        row = [known.get(column, "") for column in _COLUMNS]
        writer.writerow(map(csv_cell, ["", *row, failure.kind, failure.message, *("" for _ in heads)]))
    return out.getvalue()


_ERRORS = ("error_kind", "error")
"""Why a model could not be judged; empty for the others."""


def _licence(component: str, read: Callable[[GoverningLicence], str]) -> Callable[[Scorecard], str]:
    return lambda card: next((read(licence) for name, licence in card.licences if name == component), "")


def _outcome(verdict: Verdict) -> str:
    """A cell's outcome, and whether it is a person's word."""
    return f"{verdict.answer.outcome}{' (attested)' if verdict.attestation else ''}"


def _count(outcome: Outcome) -> Callable[[Scorecard], str]:
    return lambda card: str(tally(card, outcome))


def _truth(value: bool) -> str:  # noqa: FBT001 - the value itself
    return "true" if value else "false"


_COLUMNS: Mapping[str, Callable[[Scorecard], str]] = MappingProxyType(
    {
        "model": lambda card: card.model,
        "revision": lambda card: card.revision or "",
        "commit": lambda card: card.commit or "",
        "label": lambda card: card.label.id if card.label.determined else "could-not-be-told",
        "label_name": lambda card: card.label.name,
        "label_basis": lambda card: card.label.basis,
        "label_attested": lambda card: " ".join(one.id for one in card.label.attested),
        "candidate": lambda card: _truth(card.label.candidate),
        "at_best": lambda card: card.label.at_best,
        "score_low": lambda card: number(card.score.low),
        "score_high": lambda card: number(card.score.high),
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
        "conflicts": lambda card: str(len(card.conflicts)),
        "unseen": lambda card: str(len(card.unseen)),
        "incomplete": lambda card: _truth(card.incomplete),
        "source": lambda card: card.source,
        "collected_at": lambda card: card.collected_at,
        "evidence_sha256": lambda card: card.evidence_sha256,
        "packs": lambda card: " ".join(f"{pack.id}@{pack.version}" for pack in card.packs),
        "osaudit": lambda card: card.tool_version,
    }
)
