"""A sweep: what a store lacks is looked at, judged and written chunk by chunk, and told of as it goes.

A kill at any moment loses at most the chunk in hand: it is not there, and its models are done by the next run.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from osaudit import __version__
from osaudit.audit import Looking, hub_source, now
from osaudit.errors import OsauditError
from osaudit.sources.catalogue import HEADS, RECORDS, Filters, find_records, head_of, list_models, one_record
from osaudit.sources.pace import Pace
from osaudit.sources.refs import is_commit
from osaudit.sweep.asked import Shard
from osaudit.sweep.flow import Patience, flow
from osaudit.sweep.judging import PASSING, Done, How, See, Wanted, failed
from osaudit.sweep.listing import listed_done, listed_of
from osaudit.sweep.parts import Chunk, write_chunk
from osaudit.sweep.place import Place
from osaudit.sweep.rows import ModelRows, merge
from osaudit.sweep.storage import Known

Depth: TypeAlias = Literal["list", "full"]

MAX_TEXT = 32 * 1024 * 1024
"""Characters of evidence in one chunk."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a sweep goes: at which depth, which shard, and when a chunk is written (models, or seconds since its first).

    `run` is the number of this run in its store; `processes` whether other processes are worth their start.
    """

    how: How
    looking: Looking = field(default_factory=Looking)
    depth: Depth = "full"
    shard: Shard = field(default_factory=Shard)
    run: int = 1
    chunk: int = 200
    seconds: float = 30.0
    many: bool = True
    patience: Patience = field(default_factory=Patience)
    pace: Pace = field(default_factory=Pace)
    clock: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class Tally:
    """What a sweep has done so far: models by label, failures by kind, what was skipped, and conditions not met."""

    labels: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    misses: int = 0
    open: int = 0
    skipped: int = 0
    exit: int = 0
    written: int = 0
    chunks: int = 0

    @property
    def judged(self) -> int:
        """Models that have a label."""
        return sum(self.labels.values())

    @property
    def failed(self) -> int:
        """Models that could not be judged."""
        return sum(self.errors.values())

    @property
    def done(self) -> int:
        """All that were looked at."""
        return self.judged + self.failed

    def add(self, done: Done) -> None:
        """Count a model."""
        if done.error:
            self.errors[done.error] += 1
        else:
            self.labels[done.label] += 1
        self.misses += bool(done.misses)
        self.open += bool(done.open)
        code = done.exit if done.error else 3 if done.open else 1 if done.misses else 0
        self.exit = max(self.exit, code, key=_RANK.index)


_RANK = (0, 1, 3, 2)
"""Over many models exit 2 outranks 3, 3 outranks 1, 1 outranks 0."""

Tell: TypeAlias = Callable[[Tally, Done | None], None]
"""Is told of each model that is done, and of each chunk that is written (None)."""


class Writer:
    """Gathers the rows of models and writes them as chunks of one run."""

    def __init__(self, place: Place, plan: Plan, tally: Tally) -> None:
        self._place, self._plan, self._tally = place, plan, tally
        self._rows: ModelRows = {}
        self._models, self._text, self._since = 0, 0, 0.0

    def add(self, done: Done) -> bool:
        """Take a model in; tell whether a chunk was written."""
        if not self._models:
            self._since = self._plan.clock()
        merge(self._rows, done.rows)
        self._models += 1
        self._text += sum(len(row[-1]) for row in done.rows.get("evidence", ()))
        full = self._models >= self._plan.chunk or self._text >= MAX_TEXT
        if full or self._plan.clock() - self._since >= self._plan.seconds:
            return self.flush()
        return False

    def flush(self) -> bool:
        """Write what is in hand; tell whether there was anything. OsauditError where it cannot be written."""
        if not self._models:
            return False
        tally, plan = self._tally, self._plan
        write_chunk(self._place, Chunk(plan.run, tally.chunks + 1, plan.shard.number, plan.shard.of), self._rows)
        tally.chunks += 1
        tally.written += self._models
        self._rows, self._models, self._text = {}, 0, 0
        return True


def sweep(
    place: Place, plan: Plan, wanted: Iterable[Wanted], known: Mapping[str, Known], see: See, tell: Tell
) -> Tally:
    """Do what the store lacks of what is wanted; return what was done.

    OsauditError where the store cannot be written, or the Hub answers nobody; what was done until then is written.
    """
    tally = Tally()
    lacking = missing(wanted, known, plan, tally)
    done = listed(lacking, plan) if plan.depth == "list" else full(lacking, plan, see)
    return keep(place, plan, done, tally, tell)


def keep(place: Place, plan: Plan, done: Iterable[Done], tally: Tally, tell: Tell) -> Tally:
    """Write what is done, chunk by chunk; what is in hand too where something ends the work."""
    writer = Writer(place, plan, tally)
    try:
        for one in done:
            tally.add(one)
            written = writer.add(one)
            tell(tally, one)
            if written:
                tell(tally, None)
    except (OsauditError, KeyboardInterrupt) as error:
        if not (isinstance(error, OsauditError) and error.kind in {"disk-full", "store"}):
            writer.flush()
        raise
    writer.flush()
    return tally


def full(wanted: Iterable[Wanted], plan: Plan, see: See) -> Iterator[Done]:
    """Look at each model in full."""
    return flow(wanted, see, plan.how, plan.pace, many=plan.many, patience=plan.patience)


def listed(wanted: Iterable[Wanted], plan: Plan) -> Iterator[Done]:
    """Make rows of the Hub's lists, for given models; those that no list has are asked for one by one."""
    names: dict[str, Wanted] = {}
    for one in wanted:
        if one.record is not None:
            yield listed_done(one.record, plan.how.packs, now(), one.name)
        else:
            names[one.name] = one
    if not names:
        return
    source = hub_source(plan.looking, pace=plan.pace)
    for name, record in find_records(source, names, RECORDS):
        yield listed_done(record, plan.how.packs, now(), name)
        del names[name]
    for name, one in names.items():
        try:
            yield listed_done(one_record(source, name), plan.how.packs, now(), name)
        except OsauditError as error:
            yield failed(one, error, plan.how, "list")


def from_list(filters: Filters, plan: Plan) -> Iterator[Wanted]:
    """The models of one of the Hub's lists, with their heads; at depth `list` with all that it tells."""
    source = hub_source(plan.looking, pace=plan.pace)
    for page in list_models(source, filters, RECORDS if plan.depth == "list" else (*HEADS, *_COUNTS)):
        for record in page:
            name = str(record["id"])
            yield Wanted(name, listed_of(record), head_of(record), record if plan.depth == "list" else None)


_COUNTS = ("createdAt", "downloads", "likes", "library_name", "pipeline_tag")


def missing(wanted: Iterable[Wanted], known: Mapping[str, Known], plan: Plan, tally: Tally) -> Iterator[Wanted]:
    """What a store lacks: what it does not know, knows by other packs, or knows at another commit than the head's.

    Heads that no list gave with the names are looked up in the Hub's lists, when all that is new is done.
    """
    unsure: dict[str, Wanted] = {}
    for one in wanted:
        have = known.get(one.name)
        if have is None or not _serves(have, plan) or (one.head is not None and have.commit != one.head):
            yield one
        elif one.head is not None or _is_pinned(one.name) or have.status == "failed":
            tally.skipped += 1
        else:
            unsure[one.name] = one
    if not unsure or plan.looking.offline:
        tally.skipped += len(unsure)
        return
    bare = {name.partition("@")[0]: name for name in unsure if "@" not in name and not name.startswith((".", "/", "~"))}
    for name, record in find_records(hub_source(plan.looking, pace=plan.pace), bare):
        one = unsure.pop(bare[name])
        if head_of(record) == known[one.name].commit:
            tally.skipped += 1
        else:
            yield one
    yield from unsure.values()


def _serves(have: Known, plan: Plan) -> bool:
    """Whether a row answers what is asked now, if the head is still the same."""
    if have.status == "failed" and have.error in PASSING:
        return False
    deep = have.depth == "full" or plan.depth == "list"
    return deep and (have.packs, have.tool) == (plan.how.packs, __version__)


def _is_pinned(name: str) -> bool:
    return is_commit(name.partition("@")[2])


def requests_for(models: int, depth: Depth) -> tuple[int, int]:
    """About how many API requests and files so many models take, without their bases and data sets."""
    if depth == "list":
        return -(-models // 1000), 0
    return models, 3 * models


def seconds_for(requests: int, limit: int, window: int = 300) -> float:
    """How long so many API requests take at a limit of so many in a window of seconds."""
    return max(0, -(-requests // limit) - 1) * float(window)
