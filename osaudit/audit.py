"""The library door: look at models and judge them. No flags, no printing, no exits.

    from osaudit.audit import Looking, asking, audit_model, audit_models

    card = audit_model("mistralai/Mistral-7B-v0.1")          # a Scorecard, or OsauditError
    for outcome in audit_models(["org/a", "org/b"]):           # a Scorecard or a Failure for each, in order
        ...

`collect_evidence` looks and `asking(...).judge` judges: evidence that was saved is judged again without the network.
"""

from __future__ import annotations

import functools
import logging
import os
import pickle
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from osaudit.errors import OsauditError, UsageError, bug
from osaudit.evidence import Evidence
from osaudit.frozen import dataclass
from osaudit.verdict import Failure, Scorecard

if TYPE_CHECKING:
    from osaudit.adopter import Adopter
    from osaudit.attest.entries import Attestations
    from osaudit.packs import Pack
    from osaudit.snapshot import Snapshot
    from osaudit.sources.hub import HubSource
    from osaudit.sources.kept import Kept
    from osaudit.sources.linked import Mode, SharedSights
    from osaudit.sources.pace import Pace
    from osaudit.sources.weighed import KnownFile
    from osaudit.workers import Workers

_log = logging.getLogger(__name__)

MAX_COMMITS = 200
"""How many commits `Looking.history` walks."""

FETCHES = 16
"""Requests made at once: what the Hub takes well."""

CODE_BASES = frozenset(
    {
        *("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "environment.yml", "Pipfile"),
        *("package.json", "go.mod", "Cargo.toml", "pom.xml", "build.gradle", "Gemfile", "CMakeLists.txt"),
    }
)
"""Files at the top of a folder that tell of a program."""

MAX_TOLD = 50
"""Files of a folder that are told by name, where they differ or are missing."""

IN_HAND = 2 * FETCHES
"""Models in hand where other processes work: those beyond the fetches are read or judged, and no fetch waits for it."""

ALONE = 8
"""Models in hand where this process does all: more would only wait for each other, and hold memory meanwhile."""

Outcome: TypeAlias = Scorecard | Failure
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Looking:
    """How to look at a model.

    `revision`: a branch, tag or commit, else the default branch; `offline`: what was fetched before, and no network;
    `no_cache`: fetch anew and keep nothing; `depth`: levels of base models; `timeout`: seconds to wait for the Hub's
    answers in all, for each model; `history`: the terms of the newest `MAX_COMMITS` commits too, a request each;
    `identity`: `org/name@commit` that a folder is said to be, to which its files are held; `linked`: whether the code
    repositories that the card links are looked at, by the user's own git; `linked_host`: further hosts of git that are
    asked beside the known ones; `known`: weight files by their hashes, which tell what a model was made from
    whatever its card says.
    """

    revision: str | None = None
    offline: bool = False
    no_cache: bool = False
    depth: int = 4
    timeout: float = 120.0
    history: bool = False
    identity: str | None = None
    vouched: Callable[[Snapshot], bool] | None = None
    linked: Mode = "never"
    linked_host: tuple[str, ...] = ()
    known: Mapping[str, KnownFile] | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked: the packs, the attestations laid over their answers, and who wants to adopt the model."""

    main: Pack
    further: tuple[Pack, ...] = ()
    given: Attestations | None = None
    adopter: Adopter | None = None

    @property
    def packs(self) -> tuple[Pack, ...]:
        """Every pack that is asked, the Open Source Definition first."""
        return (self.main, *self.further)

    def judge(self, evidence: Evidence, sha256: str = "") -> Scorecard:
        """Judge one model's evidence; `sha256` is its digest where that was computed."""
        from osaudit.adopter import NOBODY  # noqa: PLC0415 - what only looks does without
        from osaudit.judge import judge  # noqa: PLC0415
        from osaudit.licences.table import load_table  # noqa: PLC0415

        adopter = self.adopter or NOBODY
        return judge(evidence, self.main, load_table(), self.further, self.given, adopter, sha256=sha256)


def asking(packs: Sequence[str] = (), *, given: Attestations | None = None, adopter: Adopter | None = None) -> Asking:
    """Load the packs to ask beside the Open Source Definition: ids, `all`, or YAML files.

    UsageError where a name is none, or a pack asks for what cannot be asked.
    """
    from osaudit.judge import require_askable  # noqa: PLC0415 - what only looks does without
    from osaudit.packs import load_packs  # noqa: PLC0415

    main, further = load_packs(tuple(packs))
    require_askable((main, *further))
    return Asking(main, further, given, adopter)


@dataclass(frozen=True, slots=True)
class Run:
    """What the models of one run share: who works, what was looked at before, how many requests are made and when."""

    workers: Workers | None = None
    kept: Kept | None = None
    sights: SharedSights | None = None
    turns: AbstractContextManager[object] = field(default_factory=nullcontext)
    pace: Pace | None = None


def now() -> str:
    """The time in UTC, to the second; SOURCE_DATE_EPOCH where it is set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def is_folder(named: str) -> bool:
    """Whether a folder is meant: `.`, a path that starts with `.`, `/` or `~`, or one with a drive letter."""
    return named.startswith((".", "/", "~")) or bool(Path(named).drive)


def hub_source(
    looking: Looking, turns: AbstractContextManager[object] | None = None, pace: Pace | None = None
) -> HubSource:
    """Set up the Hub as a source for one model, with its cache on disk; each request takes one of the turns, in pace.

    UsageError where the environment names an endpoint, a token's file or a cache that cannot be one.
    """
    from osaudit.sources.budget import Budget  # noqa: PLC0415 - what only judges needs none of these
    from osaudit.sources.environment import require_environment  # noqa: PLC0415
    from osaudit.sources.hub import HubSource  # noqa: PLC0415
    from osaudit.sources.store import Store, default_root  # noqa: PLC0415

    require_environment(keeps=not looking.no_cache)
    store = None if looking.no_cache else Store(default_root())
    source = HubSource(
        store=store,
        budget=Budget(looking.timeout),
        offline=looking.offline,
        turns=turns or nullcontext(),
        pace=pace,
    )
    return replace(source, vouched=looking.vouched) if looking.vouched else source


def look(named: str, looking: Looking, run: Run | None = None) -> Evidence:
    """Collect the evidence of a repository or folder, by itself or as one of a run's.

    UsageError for a name that is none, OsauditError where it cannot be had.
    """
    from osaudit.sources.collect import collect  # noqa: PLC0415 - what only judges needs none of these
    from osaudit.sources.readings import open_readings  # noqa: PLC0415
    from osaudit.sources.refs import parse_ref  # noqa: PLC0415

    run = run or Run()
    moment = now()
    source = hub_source(looking, run.turns, run.pace)
    if is_folder(named) and looking.revision:
        raise UsageError("--revision names a revision on the Hub, and a folder has none: leave it out")
    if is_folder(named) and looking.history:
        raise UsageError("--history walks the commits of a repository on the Hub, and a folder has none: leave it out")
    if looking.identity:
        return _identified(named, looking, source, run)
    target = Path(named).expanduser() if is_folder(named) else parse_ref(named, revision=looking.revision)
    hosts = tuple(host.lower() for host in looking.linked_host)
    anew = functools.partial(_read, collected_at=moment, hosts=hosts)
    read: Callable[[Snapshot], Evidence] = functools.partial(run.workers.do, anew) if run.workers else anew
    if source.store and (readings := open_readings(source.store.root)):
        read = functools.partial(readings.get, read, moment, hosts)
    if looking.known:
        read = functools.partial(_read_with_known, read, looking.known)
    evidence = collect(
        target, open_snapshot=source.fetch, read=read, kept=run.kept, depth=looking.depth, linked=_linked(looking, run)
    )
    return _with_past(evidence, source, read) if looking.history else evidence


def _read(snapshot: Snapshot, *, collected_at: str, hosts: tuple[str, ...]) -> Evidence:
    from osaudit.reading import read_snapshot  # noqa: PLC0415 - what was read before needs no readers

    return read_snapshot(snapshot, collected_at=collected_at, hosts=hosts)


def _read_with_known(
    read: Callable[[Snapshot], Evidence], known: Mapping[str, KnownFile], snapshot: Snapshot
) -> Evidence:
    from osaudit.sources.weighed import with_known  # noqa: PLC0415 - few hold hashes against a list

    return with_known(read(snapshot), known)


def _identified(named: str, looking: Looking, source: HubSource, run: Run) -> Evidence:
    """The evidence of a folder that is said to be a repository at a commit.

    That of the repository, where each file of the folder is one of its; else that of the folder, with what differs. Of
    weights or code that could not be held to an id, nothing vouches for the folder either.
    """
    from osaudit.contents import weight_format  # noqa: PLC0415
    from osaudit.evidence import Unseen, Where  # noqa: PLC0415 - few ask for it
    from osaudit.sources.identity import hold_folder, listed_offline  # noqa: PLC0415
    from osaudit.sources.refs import is_commit, parse_ref  # noqa: PLC0415

    ref = parse_ref(looking.identity or "")
    if not is_folder(named):
        raise UsageError("--identity says which repository a folder is: name a folder, such as ./model")
    if ref.kind != "model" or not (ref.revision and is_commit(ref.revision)):
        raise UsageError("--identity names a model at a commit: write org/name@ and the 40 digits of the commit")
    snapshot, listed = source.fetch_listed(ref)
    held = hold_folder(Path(named).expanduser(), listed_offline(snapshot) if listed is None else listed)
    if held.differing or any(weight_format(path) or path.endswith(".py") for path in held.unheld):
        evidence = look(named, replace(looking, identity=None), run)
        places = tuple(Where(ref.repo, ref.revision, path[:500]) for path in held.differing[:MAX_TOLD])
        return replace(evidence, differing=places)
    evidence = look(ref.repo, replace(looking, identity=None, revision=ref.revision), run)
    unseen = [Unseen(path, "the repository lists it, and it is not in the folder") for path in held.missing]
    unseen += [Unseen(path, "no id of it was at hand to hold the folder's file to") for path in held.unheld]
    told = tuple(unseen[:MAX_TOLD])
    return replace(evidence, source="folder", unseen=(*evidence.unseen, *told))


def _linked(looking: Looking, run: Run) -> Callable[[Evidence], Evidence] | None:
    """What adds to a model's evidence what the code repositories hold that its card links; None where nothing does.

    UsageError where a further host is no name of one.
    """
    if looking.linked == "never":
        return None
    from osaudit.codehost import is_host  # noqa: PLC0415 - what looks at no code needs none of these
    from osaudit.sources.client import is_offline  # noqa: PLC0415
    from osaudit.sources.git import GitSource  # noqa: PLC0415
    from osaudit.sources.linked import LinkedSource, SharedSights  # noqa: PLC0415
    from osaudit.sources.store import Store, default_root  # noqa: PLC0415

    hosts = tuple(host.lower() for host in looking.linked_host)
    for host in hosts:
        if not is_host(host):
            raise UsageError(f"--linked-host is {host[:100]!r}, which is no host: write a name such as git.example.org")
    store = None if looking.no_cache else Store(default_root())
    return LinkedSource(
        GitSource(store, offline=looking.offline or is_offline()), looking.linked, hosts, run.sights or SharedSights()
    ).add


def collect_evidence(named: str, looking: Looking | None = None, run: Run | None = None) -> Evidence:
    """Collect the evidence of what has to be a model: a Hub id, `id@revision`, a Hub URL, or a folder (`./folder`).

    UsageError for a data set, of which the criteria ask nothing; OsauditError for a folder that holds no model, and
    where the model cannot be looked at.
    """
    from osaudit.contents import weight_format  # noqa: PLC0415
    from osaudit.evidence import Seen  # noqa: PLC0415 - what only judges needs none of these
    from osaudit.sources.refs import parse_ref  # noqa: PLC0415

    if not is_folder(named) and parse_ref(named).kind == "dataset":
        raise UsageError(f"{named[:200]} is a data set, and models are audited: name a model that was trained on it")
    evidence = look(named, looking or Looking(), run)
    entries = evidence.files.value.entries if isinstance(evidence.files, Seen) else ()
    weights = any(weight_format(file.path) for file in entries)
    if is_folder(named) and not weights and _is_code_base({file.path for file in entries}, evidence):
        raise UsageError(
            f"{named[:200]} is a code base and no model: `osaudit scan {named[:200]}` lists the models that it loads"
        )
    holds = isinstance(evidence.card, Seen) or evidence.licence_texts or isinstance(evidence.config, Seen)
    if is_folder(named) and not (holds or weights):
        raise OsauditError(
            f"{named[:200]}: no card, licence, settings or weights are in this folder: name one with a model's files"
        )
    return evidence


def _is_code_base(paths: set[str], evidence: Evidence) -> bool:
    """Whether a folder without weights is a program's source: it is built like one, and no card describes a model."""
    from osaudit.evidence import Seen  # noqa: PLC0415 - what only judges does without

    if not paths & CODE_BASES or isinstance(evidence.config, Seen):
        return False
    card = evidence.card.value if isinstance(evidence.card, Seen) else None
    return card is None or not isinstance(card.front_matter, Seen)


def audit_model(named: str, looking: Looking | None = None, asked: Asking | None = None) -> Scorecard:
    """Look at a model and judge it; OsauditError where it cannot be judged."""
    return (asked or asking()).judge(collect_evidence(named, looking))


def audit_models(
    models: Sequence[str], looking: Looking | None = None, asked: Asking | None = None
) -> Iterator[Outcome]:
    """Audit models, some at once; yield a Scorecard or a Failure for each, in the order given."""
    from osaudit.sources.readings import unread  # noqa: PLC0415 - what only judges needs none of these

    how = looking or Looking()
    anew = unread(models, no_cache=how.no_cache)
    return audit_each(models, str, lambda model, run: collect_evidence(model, how, run), asked or asking(), anew)


def audit_each(
    models: Sequence[_T],
    name: Callable[[_T], str],
    see: Callable[[_T, Run], Evidence],
    asked: Asking,
    anew: int | None = None,
) -> Iterator[Outcome]:
    """Audit what `see` looks at; `name` names it in a Failure. No failure of one, be it a bug, loses another.

    `anew`: how many of the models have to be read, for which processes may be worth their start; else all of them.
    """
    if len(models) == 1:
        yield _attempt(name(models[0]), lambda: asked.judge(see(models[0], Run())))
        return
    with run_of(len(models) if anew is None else anew) as run, _hands(min(_in_hand(run), len(models) or 1)) as pool:
        judge = judge_in(run, asked)
        yield from pool.map(lambda model: _attempt(name(model), lambda: judge(see(model, run))), models)


def _in_hand(run: Run) -> int:
    return IN_HAND if run.workers and run.workers.pool else ALONE


@contextmanager
def run_of(models: int) -> Iterator[Run]:
    """Set up what so many models share."""
    from osaudit.sources.kept import Kept  # noqa: PLC0415 - a single model does without
    from osaudit.sources.linked import SharedSights  # noqa: PLC0415
    from osaudit.sources.pace import Pace  # noqa: PLC0415
    from osaudit.workers import workers_for  # noqa: PLC0415

    with workers_for(models) as workers:
        yield Run(workers, Kept(), SharedSights(), threading.BoundedSemaphore(FETCHES), Pace(told=_waiting))


def _waiting(why: str, seconds: float) -> None:
    _log.warning("%s: going on in %.0f s", why, seconds)


def judge_in(run: Run, asked: Asking) -> Callable[[Evidence], Scorecard]:
    """Judge where the run's work is done; what is asked is handed over as bytes, and read once in each process."""
    workers = run.workers
    if workers is None or workers.pool is None:
        return asked.judge
    data = pickle.dumps(asked)
    return lambda evidence: workers.do(_judged, data, evidence)


def _judged(asked: bytes, evidence: Evidence) -> Scorecard:
    return _asked(asked).judge(evidence)


@functools.lru_cache(maxsize=1)
def _asked(data: bytes) -> Asking:
    asked: Asking = pickle.loads(data)  # noqa: S301 - what this very program wrote
    return asked


@contextmanager
def _hands(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that are waited for, but by nobody who breaks off."""
    pool, waits = ThreadPoolExecutor(count), True
    try:
        yield pool
    except (KeyboardInterrupt, GeneratorExit):
        waits = False
        raise
    finally:
        pool.shutdown(wait=waits, cancel_futures=True)


def _attempt(model: str, audit: Callable[[], Scorecard]) -> Outcome:
    """Audit one model; its failure is returned, be it trouble that was expected or a bug."""
    try:
        return audit()
    except OsauditError as error:
        return Failure(model, None, error.kind, str(error), error.exit_code)
    except Exception as error:  # noqa: BLE001 - the boundary of one model
        told, trace = bug(error), "".join(traceback.format_exception(error))
        return Failure(model, None, told.kind, f"{model}: {told}", told.exit_code, trace)


def _with_past(evidence: Evidence, source: HubSource, read: Callable[[Snapshot], Evidence]) -> Evidence:
    """Add the terms that the repository had before the commit that was looked at."""
    from osaudit.evidence import ModelRef, Seen  # noqa: PLC0415 - few ask for it
    from osaudit.sources.history import look_back  # noqa: PLC0415

    commit = evidence.commit.value if isinstance(evidence.commit, Seen) else evidence.ref.revision
    pinned = ModelRef(evidence.ref.repo, commit, evidence.ref.kind)
    return replace(evidence, past=look_back(pinned, source=source, read=read, max_commits=MAX_COMMITS))
