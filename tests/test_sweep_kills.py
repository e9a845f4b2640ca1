"""SIGKILL at any moment, the parent's or a worker's: the next run goes on, and every model is there exactly once.

When a process is killed hangs on how many requests the Hub has answered, and not on a clock.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hub.repos import Weights
from hub.server import LoopbackHub, rate_limited
from program import PATIENCE, ROOT, START

from osaudit.sweep.place import place_of
from osaudit.sweep.querying import query
from osaudit.sweep.storage import look_through

pytestmark = pytest.mark.slow

SEED = 20261130
KILLS = 20
MODELS = [f"acme/m{number:03}" for number in range(120)]
CARD = "---\nlicense: mit\nbase_model: acme/base\n---\n# A model\n"


@pytest.fixture
def shelf(hub: LoopbackHub) -> LoopbackHub:
    hub.hops = False
    hub.latency = 0.02
    hub.add_model("acme/base", {"README.md": "---\nlicense: apache-2.0\n---\n# Base\n", "model.safetensors": Weights()})
    for name in MODELS:
        hub.add_model(name, {"README.md": CARD, "model.safetensors": Weights()})
    return hub


def started(store: Path, ids: Path) -> subprocess.Popen[bytes]:
    command = ["sweep", "-r", str(ids), "-o", str(store), "--resume", "--chunk", "5", "--no-cache", "-q"]
    return subprocess.Popen(
        [sys.executable, *START, *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def children(pid: int) -> list[int]:
    """The processes that it started, the worker processes among them."""
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return []


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def has_come(hub: LoopbackHub, requests: int, process: subprocess.Popen[Any]) -> bool:
    """Wait for so many requests; false where the process ended before."""
    until = time.monotonic() + PATIENCE
    while len(hub.log) < requests:
        if process.poll() is not None:
            return False
        assert time.monotonic() < until, "the sweep asks nothing any more"
        time.sleep(0.002)
    return True


def test_killed_at_twenty_moments_every_model_is_there_once(shelf: LoopbackHub, tmp_path: Path) -> None:
    dice = random.Random(SEED)  # noqa: S311 - moments to kill at
    store, ids = tmp_path / "store", tmp_path / "ids.txt"
    ids.write_text("\n".join(MODELS), encoding="utf-8")
    kept: set[str] = set()
    for number in range(KILLS):
        shelf.take_log()
        if number % 5 == 2:
            shelf.fault("/resolve/", status=503, times=3)
            shelf.fault("/api/models/", status=429, times=1, headers=rate_limited(0))
        with started(store, ids) as process:
            wanted = 1 + dice.randrange(30)
            if has_come(shelf, wanted, process):
                if number % 3 == 1:
                    for worker in children(process.pid):
                        kill(worker)
                    has_come(shelf, wanted + dice.randrange(1, 20), process)
                kill(process.pid)
        now = there(store)
        assert kept <= now, "what was written is lost"
        kept = now
    with started(store, ids) as process:
        assert process.wait(PATIENCE) == 0
    names = [row[0] for row in query(place_of(str(store)), "SELECT model FROM all_models ORDER BY model").rows]
    assert names == MODELS
    sums = query(place_of(str(store)), "SELECT count(*), count(DISTINCT model) FROM all_cells").rows
    assert sums == [(40 * len(MODELS), len(MODELS))]
    found = look_through(place_of(str(store)), deep=True)
    assert (found.damaged, found.left_over) == ((), ())


def there(store: Path) -> set[str]:
    """The models that a store holds, each once."""
    if not (store / "models").is_dir() or not any((store / "models").glob("*.parquet")):
        return set()
    names = [row[0] for row in query(place_of(str(store)), "SELECT model FROM all_models").rows]
    assert len(names) == len(set(names)), "a model is there twice"
    return set(names)


def test_a_sweep_whose_workers_are_killed_ends_well(shelf: LoopbackHub, tmp_path: Path) -> None:
    store, ids = tmp_path / "store", tmp_path / "ids.txt"
    ids.write_text("\n".join(MODELS), encoding="utf-8")
    with started(store, ids) as process:
        for wanted in (20, 90, 160):
            assert has_come(shelf, wanted, process)
            for worker in children(process.pid):
                kill(worker)
        assert process.wait(PATIENCE) == 0
    assert there(store) == set(MODELS)


def test_a_second_sweep_on_a_store_that_is_being_written_is_refused(shelf: LoopbackHub, tmp_path: Path) -> None:
    store, ids = tmp_path / "store", tmp_path / "ids.txt"
    ids.write_text("\n".join(MODELS), encoding="utf-8")
    with started(store, ids) as first:
        assert has_come(shelf, 3, first)
        command = ["sweep", "acme/base", "-o", str(store), "--resume", "-q"]
        second = subprocess.run(
            [sys.executable, *START, *command], cwd=ROOT, capture_output=True, text=True, check=False,
            timeout=PATIENCE, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert second.returncode == 2
        assert f"process {first.pid}" in second.stderr
        assert first.wait(PATIENCE) == 0
    assert there(store) == set(MODELS)


def test_a_hub_that_is_gone_for_a_while_is_waited_for(shelf: LoopbackHub, tmp_path: Path) -> None:
    store, ids = tmp_path / "store", tmp_path / "ids.txt"
    ids.write_text("\n".join(MODELS), encoding="utf-8")
    with started(store, ids) as process:
        assert has_come(shelf, 30, process)
        shelf.fault("/", "reset")
        assert has_come(shelf, len(shelf.log) + 200, process)
        shelf.heal()
        assert process.wait(PATIENCE) == 0
    assert there(store) == set(MODELS)
    assert query(place_of(str(store)), "SELECT count(*) FROM models WHERE status = 'failed'").rows == [(0,)]
