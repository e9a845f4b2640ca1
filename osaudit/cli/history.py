"""`osaudit history`: when the terms changed, and what governed from then on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from osaudit import __version__
from osaudit.audit import hub_source, is_folder, now
from osaudit.cli.looking import Looking, hub_options, set_up_log
from osaudit.cli.output import PRINTED, emit, formats_of
from osaudit.cli.saying import say
from osaudit.errors import UsageError
from osaudit.evidence import Evidence

if TYPE_CHECKING:
    from osaudit.compare import Audit, Change
    from osaudit.sources.history import State, Walk

SCHEMA = 1
_SHOWN = frozenset({"tag", "claim", "restriction", "gate", "text"})
_WIDEST = 600
_SIGNS = {"added": "+", "changed": "~", "removed": "-"}


@dataclass(frozen=True, slots=True)
class Turn:
    """A state that begins other terms, its audit, and what changed since the turn before."""

    state: State
    audit: Audit
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """What the walk came to, oldest turn first; `quiet` states touched the card and left the terms as they were."""

    walked: Walk
    turns: tuple[Turn, ...]
    quiet: int

    @property
    def is_of_data(self) -> bool:
        """Whether it is a data set's: the label, the score and the cells are a model's."""
        return self.walked.ref.kind == "dataset"


@click.command()
@click.argument("model")
@click.option(
    "--max-commits",
    type=click.IntRange(1, 10_000),
    default=200,
    show_default=True,
    help="How many commits to walk, the newest first; each costs a request.",
)
@PRINTED
@click.option("-o", "--output", default="-", show_default=True, metavar="FILE", help="Where it goes.")
@hub_options
def history(*, model: str, max_commits: int, form: str, output: str, **options: object) -> int:
    """Say when the terms of MODEL changed, and what governed from then on.

    Each commit that touched the card or a file of terms is audited as it stood; its base models and data sets are
    read as they are today. datasets/ORG/NAME names a data set.
    """
    formats_of((output,), form)  # a file that cannot be written is told before any request
    looking = Looking(**options)  # type: ignore[arg-type] # click's values, by the same names
    set_up_log(looking)
    story = _read(model, looking, max_commits)
    emit(output, {"text": _as_text, "json": _as_json}[form](story))
    return 3 if any(turn.audit[1].incomplete for turn in story.turns) else 0


def _read(model: str, looking: Looking, max_commits: int) -> Story:
    from osaudit.compare import turns  # noqa: PLC0415 - help needs none of these
    from osaudit.reading import read_snapshot  # noqa: PLC0415
    from osaudit.sources.history import look_at, walk  # noqa: PLC0415
    from osaudit.sources.refs import parse_ref  # noqa: PLC0415

    if is_folder(model):
        raise UsageError(f"{model[:200]!r} is a folder, and the history is the Hub's: name org/name")
    ref, moment, source = parse_ref(model, revision=looking.revision), now(), hub_source(looking)
    _progress(f"walking at most {max_commits} commits of {ref.path}", looking)
    walked = walk(source, ref, max_commits)
    looked = look_at(
        walked, source=source, read=lambda seen: read_snapshot(seen, collected_at=moment), depth=looking.depth
    )
    audits = [_judged(evidence) for _, evidence in looked]
    picked = turns(audits, {index for index, (state, evidence) in enumerate(looked) if _must_be_told(state, evidence)})
    told = tuple(Turn(looked[index][0], audits[index], found) for index, found in picked)
    return Story(walked, told, len(looked) - len(told))


def _must_be_told(state: State, evidence: Evidence) -> bool:
    """Tell whether a file of terms was touched, or a card that cannot be read and so compared."""
    unread = {unseen.what for unseen in evidence.unseen}
    return state.beyond_card or any(touch.path in unread for touch in state.touched)


def _progress(words: str, looking: Looking) -> None:
    if sys.stderr.isatty() and not looking.quiet:
        say(words, prefix="")


def _judged(evidence: Evidence) -> Audit:
    from osaudit.checks.terms import resolve  # noqa: PLC0415 - help needs none of these
    from osaudit.judge import governing, judge  # noqa: PLC0415
    from osaudit.licences.table import load_table  # noqa: PLC0415
    from osaudit.packs import load_pack  # noqa: PLC0415

    card = judge(evidence, load_pack(), load_table())
    if evidence.ref.kind == "dataset":
        terms = resolve(evidence, "data", load_table())
        card = replace(card, licences=(("data", governing(terms)),), conflicts=terms.conflicts)
    return evidence, card


def _notes(story: Story) -> Iterator[str]:
    """Say what was not looked at, and what is not listed."""
    walked = story.walked
    if not walked.complete:
        cut = f"only the newest {len(walked.commits)} commits were walked, the terms of the first are older"
        yield f"{cut}: raise --max-commits to see from when"
    if not walked.deep:
        yield "there are over 1,000 files: those in folders were not looked through for terms"
    if story.quiet:
        commits = "1 other commit" if story.quiet == 1 else f"{story.quiet} other commits"
        yield f"{commits} touched the card and left the terms as they were"


def _as_json(story: Story) -> str:
    from osaudit.render.json import json_text  # noqa: PLC0415 - this format was asked for

    walked = story.walked
    told = {
        "schema": SCHEMA,
        "tool": {"name": "osaudit", "version": __version__},
        "model": walked.ref.path,
        "revision": walked.ref.revision,
        "commits": {
            "walked": len(walked.commits),
            "complete": walked.complete,
            "oldest": walked.commits[0].sha,
            "newest": walked.commits[-1].sha,
        },
        "states": [_state(turn, story) for turn in story.turns],
        "notes": list(_notes(story)),
    }
    return json_text(told)


def _state(turn: Turn, story: Story) -> dict[str, Any]:
    from osaudit.compare import TERMS  # noqa: PLC0415 - this format was asked for
    from osaudit.render.json import scorecard_to_dict  # noqa: PLC0415

    card = scorecard_to_dict(turn.audit[1])
    judged = () if story.is_of_data else ("label", "score")
    changes = [one for one in turn.changes if one.kind in TERMS or not story.is_of_data]
    return {
        "commit": turn.state.commit.sha,
        "date": turn.state.commit.date or None,
        "subject": turn.state.commit.subject,
        "touched": [{"path": touch.path, "how": touch.how} for touch in turn.state.touched],
        **{key: card[key] for key in (*judged, "licence", "conflicts", "unseen", "incomplete")},
        "changes": [
            {"kind": one.kind, "subject": one.subject, "before": one.before, "after": one.after} for one in changes
        ],
    }


def _as_text(story: Story) -> str:
    from osaudit.render.neutral import plain, unordered  # noqa: PLC0415 - what strangers wrote goes to a terminal

    walked, count = story.walked, len(story.turns)
    days = " to ".join(dict.fromkeys(_day(commit.date) for commit in (walked.commits[0], walked.commits[-1])))
    states = "1 state" if count == 1 else f"{count} states"
    commits = "1 commit" if len(walked.commits) == 1 else f"{len(walked.commits)} commits"
    lines = [f"{walked.ref.path}: {states} of its terms in {commits}, {days}"]
    for turn in story.turns:
        lines += ["", *_lines(turn, story)]
    notes = list(_notes(story))
    lines += ["", *notes] if notes else []
    return unordered("".join(f"{'  ' if line.startswith(' ') else ''}{plain(line, _WIDEST)}\n" for line in lines))


def _lines(turn: Turn, story: Story) -> Iterator[str]:
    commit, card = turn.state.commit, turn.audit[1]
    yield f"{_day(commit.date)} {commit.sha[:12]} {commit.subject}"
    before = {(one.kind, one.subject): f", before: {one.before}" for one in turn.changes}
    component = "data" if story.is_of_data else "weights"
    licence = dict(card.licences)[component]
    yield f"  {component}: {licence.name} ({licence.basis}){before.get(('licence', component), '')}"
    if not story.is_of_data:
        yield f"  label: {card.label.name}{before.get(('label', 'label'), '')}"
    if card.incomplete:
        yield "  incomplete: the repository's files could not be read"
    for touch in turn.state.touched:
        yield f"  {_SIGNS[touch.how]} {touch.path}"
    for one in turn.changes:
        if one.kind in _SHOWN:
            yield f"  {one.kind} {one.subject}: {one.before} -> {one.after}"
    for conflict in card.conflicts:
        yield f"  ! {conflict.kind}: {conflict.because}"


def _day(date: str) -> str:
    return date[:10] or "date unknown"
