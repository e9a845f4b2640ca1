"""Whether a scorecard is what its verdicts give: score, name and label computed again. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from osaudit import __version__
from osaudit.judge import score
from osaudit.label import RUNGS, ceiling, hurdles
from osaudit.packs import load_pack, pack_ids
from osaudit.verdict import CANDIDATE_RUNGS, LADDER, UNTOLD, Label, LabelId, Scorecard


def is_checkable(card: Scorecard) -> bool:
    """Tell whether this very version wrote the scorecard: others may have counted otherwise."""
    return card.tool_version == __version__ and bool(card.packs)


def misfits(card: Scorecard) -> Iterator[str]:
    """Say where the score or the label is not what the verdicts give, a line each."""
    main = card.packs[0].id
    given = score(verdict for verdict in card.verdicts if verdict.pack == main)
    if given != card.score:
        told = f"{card.score.low:g} to {card.score.high:g}, and its verdicts give {given.low:g} to {given.high:g}"
        yield f"the score is {told}"
    if card.label.name != (LADDER[card.label.id] if card.label.determined else UNTOLD):
        yield f"the label {card.label.id} is called {card.label.name!r}"
    if main in pack_ids():
        pack = load_pack(main)
        most = ceiling(card.verdicts, pack)
        yield from _label_misfits(card.label, most)
        yield from _blocked_otherwise(card.label, most, hurdles(card.verdicts, pack))


def _label_misfits(label: Label, most: Label) -> Iterator[str]:
    if RUNGS.index(label.id) > RUNGS.index(most.id):
        yield f"the label is {label.id}, and its verdicts leave {most.id} at most"
    elif RUNGS.index(label.at_best) > RUNGS.index(most.at_best):
        yield f"the label at best is {label.at_best}, and its verdicts leave {most.at_best} at most"
    if RUNGS.index(label.id) > RUNGS.index(label.at_best):
        yield f"the label is {label.id}, which is above {label.at_best}, the label at best"
    if label.id in CANDIDATE_RUNGS and most.id in CANDIDATE_RUNGS and label.candidate != most.candidate:
        yield "the label's being a candidate is not what its attestations give"
    if not label.blocks and label.id != RUNGS[-1]:
        yield f"the label is {label.id}, and nothing is told that keeps the next rung away"


def _blocked_otherwise(label: Label, most: Label, told: Mapping[LabelId, tuple[str, ...]]) -> Iterator[str]:
    """Say where what keeps the next rung away is not what the verdicts tell of it: a label that was lowered."""
    if label.id == RUNGS[-1]:
        return
    following = RUNGS[RUNGS.index(label.id) + 1]
    asked = told[following]
    fits = set(asked) <= set(label.blocks) if following == "open-weights" else asked == label.blocks
    if not fits or any(label.blocks == words for rung, words in told.items() if rung != following):
        yield f"the label is {label.id}, and what it tells to keep {following} away is not what its verdicts give"
    best = RUNGS.index(label.at_best)
    if label.asks and label.id == label.at_best:
        yield f"the label at best is {label.at_best}, and cells are named whose answers could raise it"
    if best >= RUNGS.index("open-weights") and best < RUNGS.index(most.at_best):
        yield f"the label at best is {label.at_best}, and its verdicts leave {most.at_best}"
