"""`osaudit verify`: what of a saved file holds, as far as the file itself can tell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from osaudit.cli.output import PRINTED, emit
from osaudit.cli.saying import show_lines
from osaudit.cli.stages import decoded, read_input
from osaudit.errors import OsauditError, UsageError

if TYPE_CHECKING:
    from osaudit.evidence import Evidence
    from osaudit.verdict import Scorecard

NO_PROOF = (
    "This does not prove who wrote the file: whoever changes one can compute its digests anew. "
    "A signature does, or a digest that is kept elsewhere."
)


@dataclass(frozen=True, slots=True)
class _Found:
    """What holds, what could not be computed again, and what is not as it is recorded."""

    holds: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


@click.command()
@click.argument("file")
@click.option("--evidence", "saved", metavar="FILE", help="The evidence of a scorecard: judged again, and compared.")
@PRINTED
def verify(*, file: str, saved: str | None, form: str) -> int:
    """Say what holds in FILE, saved evidence or scorecards (- is stdin): texts, digests, score and label.

    Exit 3 where something is not as it is recorded. It does not tell who wrote the file.
    """
    from osaudit.render.json import json_text  # noqa: PLC0415 - help needs none of these

    kind, found = _looked_through(file, decoded(file), saved)
    code = 3 if found.broken else 0
    if form == "json":
        told = {"holds": found.holds, "unverified": found.unverified, "broken": found.broken}
        emit("-", json_text({"file": file, "kind": kind, **{k: list(v) for k, v in told.items()}, "note": NO_PROOF}))
        return code
    rows = (("broken", found.broken), ("holds", found.holds), ("unverified", found.unverified))
    lines = [f"{name:<11}{' '.join(words.split())}" for name, all_words in rows for words in all_words]
    show_lines("\n".join([*lines, "", NO_PROOF]))
    return code


def _looked_through(file: str, text: str, saved: str | None) -> tuple[str, _Found]:
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no JSON: name evidence or a scorecard that osaudit wrote") from error
    if isinstance(data, list) or (isinstance(data, dict) and "verdicts" in data):
        return "scorecard", _of_scorecards(file, text, saved)
    if saved:
        raise UsageError(f"{file} is no scorecard: --evidence names what a scorecard was judged from")
    try:
        return "evidence", _of_evidence(file, text)
    except UsageError:
        raise
    except OsauditError as error:
        return "evidence", _Found(broken=(str(error),))


def _of_evidence(file: str, text: str) -> _Found:
    from osaudit.codec import load_held  # noqa: PLC0415 - one of two

    _, held = load_held(text, file)
    holds = [f"the digest, {held.digest}"] if held.recorded else []
    holds += [f"the text at {path} has its sha256" for path in held.whole]
    others = [
        f"the text at {path} is not kept whole: what it was recognised as stands as recorded" for path in held.others
    ]
    others += [] if held.recorded else [f"no digest is recorded in it; it is {held.digest}"]
    return _Found(tuple(holds), tuple(others))


def _of_scorecards(file: str, text: str, saved: str | None) -> _Found:
    from osaudit.holding import is_checkable, misfits  # noqa: PLC0415 - one of two
    from osaudit.render.jsonread import scorecards_from_json  # noqa: PLC0415

    cards = scorecards_from_json(text)
    if not cards:
        raise UsageError(f"{file}: no scorecard is in it")
    holds: list[str] = []
    others: list[str] = []
    broken: list[str] = []
    for card in cards:
        found = [f"{card.model}: {words}" for words in misfits(card)] if is_checkable(card) else []
        broken += found
        if not is_checkable(card):
            others.append(f"{card.model}: written by osaudit {card.tool_version}, which may have counted otherwise")
        elif not found:
            holds.append(f"{card.model}: score and label are what the verdicts give")
        others += [f"{card.model}: {words}" for words in card.unverified]
    compared = (
        _compared(cards, saved) if saved else _Found(unverified=("the verdicts: name --evidence to judge again",))
    )
    return _Found((*holds, *compared.holds), (*others, *compared.unverified), (*broken, *compared.broken))


def _compared(cards: Sequence[Scorecard], saved: str) -> _Found:
    from osaudit import codec  # noqa: PLC0415 - rarely asked for

    evidence = codec.load(read_input(saved), saved)
    found = codec.digest(evidence)
    mine = [card for card in cards if card.evidence_sha256 == found]
    if not mine:
        return _Found(broken=(f"no scorecard is of the evidence in {saved}, whose digest is {found}",))
    return _judged_again(mine[0], evidence)


def _judged_again(card: Scorecard, evidence: Evidence) -> _Found:
    from osaudit.holding import is_checkable  # noqa: PLC0415 - as above
    from osaudit.judge import judge  # noqa: PLC0415
    from osaudit.licences.table import load_table  # noqa: PLC0415
    from osaudit.packs import load_pack, pack_ids  # noqa: PLC0415

    ids = [pack.id for pack in card.packs]
    if card.attestations or not is_checkable(card) or not set(ids) <= set(pack_ids()):
        why = "attestations, packs of others or another version of osaudit had their part in it"
        return _Found((f"{card.model}: it is of this evidence",), (f"{card.model}: not judged again: {why}",))
    main, *further = map(load_pack, ids)
    again = judge(evidence, main, load_table(), further)
    if (again.label, again.score, again.verdicts) == (card.label, card.score, card.verdicts):
        return _Found((f"{card.model}: judging its evidence again gives the same verdicts, score and label",))
    return _Found(broken=(f"{card.model}: judging its evidence again gives {again.label.id}, and other verdicts",))
