"""Work in other processes: the same evidence, nothing lost where one is killed, nothing left where the parent is."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from made_snapshots import WHEN, snapshot_of

from osaudit.evidence import Evidence
from osaudit.reading import read_snapshot
from osaudit.snapshot import Snapshot
from osaudit.workers import FEW, MANY, workers_for

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOTS = [
    snapshot_of(
        f"---\nlicense: mit\n---\n# Wren {number}\n\nTrained on {number} million pages of our own.\n",
        repo=f"maker/wren-{number}",
    )
    for number in range(FEW)
]
_HELD = """
import sys, threading
from osaudit.reading import read_snapshot
from osaudit.workers import FEW, workers_for
if __name__ == "__main__":
    sys.path.insert(0, "tests")
    from made_snapshots import WHEN, snapshot_of
    with workers_for(FEW, processes=2) as workers:
        workers.do(read_snapshot, snapshot_of("# Wren"), collected_at=WHEN)
        import multiprocessing
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)
        threading.Event().wait(60)
"""

_COMPILES = """
import sys
from osaudit import compiled
from osaudit.workers import FEW, workers_for
WORDS = "a wren of its own"
def is_kept():
    known = f"0 {WORDS}" in compiled._kept().file.expressions
    compiled.regex(WORDS)
    return known
if __name__ == "__main__":
    with workers_for(FEW, processes=2) as workers:
        print(workers.do(is_kept))
"""


def read_all(*, processes: int, kill: bool = False) -> list[Evidence]:
    with workers_for(len(SNAPSHOTS), processes=processes) as workers, ThreadPoolExecutor(4) as pool:
        assert workers.pool is not None
        if kill:
            workers.do(read_snapshot, SNAPSHOTS[0], collected_at=WHEN)
            for child in multiprocessing.active_children():
                os.kill(child.pid or 0, signal.SIGKILL)

        def one(snapshot: Snapshot) -> Evidence:
            return workers.do(read_snapshot, snapshot, collected_at=WHEN)

        return list(pool.map(one, SNAPSHOTS))


def test_other_processes_read_what_this_one_would() -> None:
    here = [read_snapshot(snapshot, collected_at=WHEN) for snapshot in SNAPSHOTS]
    assert read_all(processes=2) == here
    assert multiprocessing.active_children() == []


def test_what_a_killed_process_held_is_read_here() -> None:
    here = [read_snapshot(snapshot, collected_at=WHEN) for snapshot in SNAPSHOTS]
    assert read_all(processes=2, kill=True) == here


def test_a_few_models_and_a_single_core_need_no_other_process() -> None:
    for models, processes in ((FEW - 1, 8), (1000, 1)):
        with workers_for(models, processes=processes) as workers:
            assert workers.pool is None
            assert workers.do(int, "7") == 7


@pytest.mark.parametrize(
    ("cores", "models", "processes"), [(1, 1000, 0), (2, MANY - 1, 0), (2, MANY, 1), (4, FEW - 1, 0), (4, FEW, 3)]
)
def test_processes_are_started_where_they_are_worth_it(
    cores: int, models: int, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("osaudit.workers.cores", lambda: cores)
    with workers_for(models) as workers:
        assert len(multiprocessing.active_children()) == processes
        assert (workers.pool is not None) == bool(processes)


def test_what_a_process_compiles_is_kept_for_the_next(tmp_path: Path) -> None:
    program = tmp_path / "compiles.py"
    program.write_text(_COMPILES)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env = {**kept, "PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONPATH": str(ROOT)}

    def told() -> str:
        done = subprocess.run([sys.executable, str(program)], env=env, capture_output=True, text=True, check=True)
        return done.stdout

    assert [told(), told()] == ["False\n", "True\n"]


def test_the_processes_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "held.py"
    program.write_text(_HELD, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(program)], cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as parent:
        assert parent.stdout is not None
        children = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert children
    until = time.monotonic() + 20
    while any(_runs(child) for child in children) and time.monotonic() < until:
        time.sleep(0.05)
    assert [child for child in children if _runs(child)] == []


def _runs(pid: int) -> bool:
    """Tell whether the process runs; one that ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
