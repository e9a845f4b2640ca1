"""Many models in one run: what they share is looked at once, and nobody's failure becomes another's."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hub.repos import Weights
from hub.server import LoopbackHub
from test_collect import World

from osaudit.audit import Asking, Looking, Run, judge_in, look
from osaudit.cli import run as main
from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import Evidence, Files, ModelRef, RepoFile, Seen
from osaudit.packs import CheckCall, load_packs
from osaudit.render.json import render_json
from osaudit.sources.collect import collect
from osaudit.sources.kept import Kept
from osaudit.workers import FEW, workers_for

WORLD: dict[str, tuple[str, ...]] = {
    "org/base": ("d:org/set",), "datasets/org/set": (), "org/a": ("org/base",), "org/b": ("org/base",),
}  # fmt: skip


@pytest.fixture
def seen() -> Evidence:
    world = World({"org/m": ()})
    return world.read(world.open_snapshot(ModelRef("org/m")))


def noting(looked: list[str], name: str, seen: Evidence) -> Callable[[], Evidence]:
    """Look, and write down that somebody did."""

    def look_at() -> Evidence:
        looked.append(name)
        return seen

    return look_at


def test_what_two_models_share_is_looked_at_once() -> None:
    world, kept = World(WORLD), Kept()
    first, second = (
        collect(ModelRef(name), open_snapshot=world.open_snapshot, read=world.read, kept=kept, depth=2)
        for name in ("org/a", "org/b")
    )
    assert len(world.asked) == len(set(world.asked))
    assert first.bases[0].evidence == second.bases[0].evidence


def test_without_a_shared_memory_each_run_looks_anew() -> None:
    world = World(WORLD)
    for _ in range(2):
        collect(ModelRef("org/a"), open_snapshot=world.open_snapshot, read=world.read)
    assert world.asked.count("org/base") == 2


def test_many_who_ask_at_once_wait_for_one_look(seen: Evidence) -> None:
    kept, looks, gate = Kept(), [0], threading.Event()

    def look() -> Evidence:
        looks[0] += 1
        gate.wait(10)
        return seen

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(kept.get, ModelRef("org/m"), look) for _ in range(4)]
        gate.set()
        assert [one.result() for one in asked] == [seen] * 4
    assert looks == [1]


def test_a_revision_is_a_repository_of_its_own(seen: Evidence) -> None:
    looked: list[str] = []
    kept = Kept()
    for revision in (None, "v1", None, "v1"):
        kept.get(ModelRef("org/m", revision), noting(looked, str(revision), seen))
    assert looked == ["None", "v1"]


@pytest.mark.parametrize("trouble", [OsauditError("org/m: gone"), ValueError("a bug"), KeyboardInterrupt()])
def test_a_failure_is_kept_for_nobody(seen: Evidence, trouble: BaseException) -> None:
    kept = Kept()

    def fail() -> Evidence:
        raise trouble

    with pytest.raises(type(trouble)):
        kept.get(ModelRef("org/m"), fail)
    assert kept.get(ModelRef("org/m"), lambda: seen) == seen


def test_who_waited_for_a_look_that_failed_tries_again(seen: Evidence) -> None:
    kept, begun, gate = Kept(), threading.Event(), threading.Event()

    def fail() -> Evidence:
        begun.set()
        gate.wait(10)
        raise OsauditError("org/m: the Hub is busy")

    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(kept.get, ModelRef("org/m"), fail)
        begun.wait(10)
        others = [pool.submit(kept.get, ModelRef("org/m"), lambda: seen) for _ in range(4)]
        gate.set()
        with pytest.raises(OsauditError, match="busy"):
            first.result()
        assert [other.result() for other in others] == [seen] * 4


def test_two_failures_are_told_to_who_waited_for_both() -> None:
    kept, gate, asked = Kept(), threading.Event(), threading.Semaphore(0)

    def fail() -> Evidence:
        asked.release()
        gate.wait(10)
        raise OsauditError("org/m: the Hub is busy")

    with ThreadPoolExecutor(4) as pool:
        looks = [pool.submit(kept.get, ModelRef("org/m"), fail) for _ in range(4)]
        asked.acquire(timeout=10)
        gate.set()
        for look_at in looks:
            with pytest.raises(OsauditError, match="busy"):
                look_at.result()


def test_large_data_sets_are_kept_for_fewer(seen: Evidence) -> None:
    large = replace(seen, files=Seen(Files(tuple(RepoFile(f"part-{number}") for number in range(60)))))
    looked: list[str] = []
    kept = Kept(files=100)
    for name in ("org/a", "org/b", "org/b", "org/a"):
        kept.get(ModelRef(name), noting(looked, name, large))
    assert looked == ["org/a", "org/b", "org/a"]


def test_only_so_many_are_kept(seen: Evidence) -> None:
    looked: list[str] = []
    kept = Kept(size=2)
    for name in ("org/a", "org/b", "org/a", "org/c", "org/a", "org/b"):
        kept.get(ModelRef(name), noting(looked, name, seen))
    assert looked == ["org/a", "org/b", "org/c", "org/b"]


@pytest.fixture
def asked() -> Asking:
    return Asking(*load_packs(["all"]), None)


def test_other_processes_judge_as_this_one_does(seen: Evidence, asked: Asking) -> None:
    with workers_for(FEW, processes=2) as workers:
        judge = judge_in(Run(workers), asked)
        assert render_json([judge(seen)]) == render_json([asked.judge(seen)])


def test_a_pack_that_cannot_be_asked_is_the_same_error_from_another_process(seen: Evidence, asked: Asking) -> None:
    row = asked.main.criteria[0]
    facet, cell = next(iter(row.cells.items()))
    odd = replace(cell, checks=(CheckCall("no-such-check", {}),))
    broken = replace(asked, main=replace(asked.main, criteria=(replace(row, cells={facet: odd}),)))
    with workers_for(FEW, processes=2) as workers, pytest.raises(UsageError, match="no-such-check") as told:
        judge_in(Run(workers), broken)(seen)
    assert told.value.exit_code == 2


ODD = """
id: mine
name: Mine
version: "1"
definition: Mine
criteria:
  - id: M-1
    title: One
    demands: One.
    cells:
      weights: {question: Is it?, weight: 1, remedy: Do it., checks: [{check: no-such-check}]}
"""


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_pack_that_cannot_be_asked_is_told_once_and_before_anything_is_fetched(
    hub: LoopbackHub, family: list[str], count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = tmp_path / "mine.yaml"
    pack.write_text(ODD, encoding="utf-8")
    assert main(["audit", *family[:count], "--pack", str(pack)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not hub.counts()


def test_without_other_processes_judging_is_plain(asked: Asking) -> None:
    assert judge_in(Run(), asked) == asked.judge


CARD = "---\nlicense: mit\nbase_model: acme/base\ndatasets: [acme/set]\n---\n# A model\n"


def sibling(hub: LoopbackHub, name: str) -> str:
    hub.add_model(name, {"README.md": CARD, "model.safetensors": Weights()})
    return name


@pytest.fixture
def family(hub: LoopbackHub) -> list[str]:
    """Four models of one base and one data set."""
    hub.hops = False
    hub.add_model("acme/base", {"README.md": "---\nlicense: mit\n---\n# Base\n", "model.safetensors": Weights()})
    hub.add_dataset("acme/set", {"README.md": "---\nlicense: cc-by-4.0\n---\n# Set\n"})
    return [sibling(hub, f"beta/m{number}") for number in range(4)]


def test_a_run_of_many_asks_for_a_shared_base_once(
    hub: LoopbackHub, family: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", *family, "--no-cache", "--format", "json"]) == 0
    cards = json.loads(capsys.readouterr().out)
    assert [len(card["lineage"]["nodes"]) for card in cards] == [2] * 4
    assert hub.counts() == {"api": 4 + 2, "file": 4 + 2}


def test_one_run_judges_the_same_as_one_model_at_a_time(
    hub: LoopbackHub, family: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    alone = []
    for name in family:
        assert main(["audit", name, "--no-cache", "--format", "json"]) == 0
        alone.append(json.loads(capsys.readouterr().out))
    hub.take_log()
    assert main(["audit", *family, "--no-cache", "--format", "json"]) == 0
    assert sorted(json.loads(capsys.readouterr().out), key=lambda card: str(card["model"])) == alone


def test_models_of_a_document_share_what_they_name_as_well(
    hub: LoopbackHub, family: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = [
        {"type": "machine-learning-model", "bom-ref": name, "name": name, "purl": f"pkg:huggingface/{name}"}
        for name in family
    ]
    bom = tmp_path / "bom.json"
    bom.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": parts}))
    assert main(["audit-bom", str(bom), "--no-cache", "--format", "csv", "-q"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in family)
    assert hub.counts() == {"api": 4 + 2, "file": 4 + 2}


def test_the_evidence_of_a_shared_base_is_the_one_that_was_seen(hub: LoopbackHub, family: list[str]) -> None:
    kept = Kept()
    first, second = (look(name, Looking(no_cache=True), Run(kept=kept)) for name in family[:2])
    ours, theirs = first.bases[0].evidence, second.bases[0].evidence
    assert isinstance(ours, Seen)
    assert isinstance(theirs, Seen)
    assert ours.value is theirs.value or ours == theirs
    assert hub.counts()["api"] == 2 + 2


class Turns:
    """Count the requests, and how many are made at once."""

    def __init__(self) -> None:
        self.lock, self.gate = threading.Lock(), threading.BoundedSemaphore(1)
        self.now = self.most = self.all = 0

    def __enter__(self) -> None:
        self.gate.acquire()
        with self.lock:
            self.now, self.all = self.now + 1, self.all + 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.now -= 1
        self.gate.release()


@pytest.mark.parametrize("looking", [Looking(no_cache=True), Looking(no_cache=True, history=True)])
def test_every_request_of_a_run_takes_its_turn(hub: LoopbackHub, family: list[str], looking: Looking) -> None:
    turns = Turns()
    run = Run(kept=Kept(), turns=turns)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: look(name, looking, run), family))
    assert (turns.all, turns.most) == (sum(hub.counts().values()), 1)
