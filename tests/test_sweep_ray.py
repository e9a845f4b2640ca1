"""A sweep on a Ray cluster: a worker and a node are killed, and every model is there once."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_stores import how, model

from osaudit.audit import Run
from osaudit.evidence import Evidence
from osaudit.sweep.judging import Wanted
from osaudit.sweep.place import place_of
from osaudit.sweep.querying import query
from osaudit.sweep.sweeping import Plan

# Nodes of one machine talk over the loopback interface alone: Ray reads this when it is imported.
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
ray = pytest.importorskip("ray", reason="Ray is not installed: pip install '.[ray]'")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ray")]

NAMES = [f"acme/m{number:03}" for number in range(48)]
PATIENCE = 240


class Cluster:
    """Two nodes on the loopback interface."""

    def __init__(self, folder: Path) -> None:
        from ray.cluster_utils import Cluster as Nodes  # noqa: PLC0415 - where Ray is installed

        args = {"num_cpus": 1, "node_ip_address": "127.0.0.1", "include_dashboard": False}
        self.nodes = Nodes(initialize_head=True, head_node_args={**args, "resources": {"head": 1}})
        self.second = self.nodes.add_node(num_cpus=1, node_ip_address="127.0.0.1")
        self.folder = folder

    @property
    def address(self) -> str:
        return str(self.nodes.address)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_DISABLE_IMPORT_WARNING", "1")
    root = Path(__file__).resolve().parent
    monkeypatch.setenv("PYTHONPATH", f"{root.parent}:{root}")
    made = started(tmp_path)
    try:
        yield made
    finally:
        ray.shutdown()
        made.nodes.shutdown()


def started(folder: Path) -> Cluster:
    """Start a cluster; Ray gives its own processes thirty seconds for it, which a busy machine needs longer for."""
    for _ in range(3):
        try:
            return Cluster(folder)
        except Exception as error:  # noqa: BLE001 - Ray raises nothing more particular
            why = str(error)
            ray.shutdown()
    pytest.skip(f"Ray does not start here within its own time: {why[:200]}")


class Seeing:
    """Looks at made models, slowly enough that a kill meets one, and writes down which process looked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str, _: Run) -> Evidence:
        (self.folder / f"{name.partition('/')[2]}-{os.getpid()}").touch()
        time.sleep(0.3)
        return model(name)


def looked(folder: Path) -> list[int]:
    return [int(path.name.rpartition("-")[2]) for path in folder.iterdir()]


def sweep_here(cluster: Cluster, store: Path, see: Seeing, disturb: Any) -> None:
    from threading import Thread  # noqa: PLC0415 - one disturbs while the other sweeps

    from osaudit.sweep.cluster import sweep_on_ray  # noqa: PLC0415 - where Ray is installed

    thread = Thread(target=disturb, daemon=True)
    thread.start()
    plan = Plan(how(keep="none"), chunk=4)
    tally = sweep_on_ray(
        place_of(str(store)), plan, map(Wanted, NAMES), {}, see, lambda *_: None, address=cluster.address
    )
    thread.join(PATIENCE)
    assert (tally.judged, tally.failed) == (len(NAMES), 0)
    rows = query(place_of(str(store)), "SELECT count(*), count(DISTINCT model) FROM all_models").rows
    assert rows == [(len(NAMES), len(NAMES))]
    assert query(place_of(str(store)), "SELECT count(*) FROM all_cells").rows == [(40 * len(NAMES),)]


@pytest.mark.filterwarnings("ignore")
def test_a_worker_and_a_node_are_killed_and_every_model_is_there_once(cluster: Cluster, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    seen.mkdir()

    def disturb() -> None:
        until = time.monotonic() + PATIENCE
        while len(looked(seen)) < 6 and time.monotonic() < until:
            time.sleep(0.05)
        with contextlib.suppress(ProcessLookupError):
            os.kill(looked(seen)[0], signal.SIGKILL)
        while len(looked(seen)) < 20 and time.monotonic() < until:
            time.sleep(0.05)
        cluster.nodes.remove_node(cluster.second, allow_graceful=False)

    sweep_here(cluster, tmp_path / "store", Seeing(seen), disturb)
    assert len(looked(seen)) > len(NAMES), "nothing was done again: no kill met anything"


def test_a_cluster_that_is_not_there_is_one_line() -> None:
    from osaudit.errors import OsauditError  # noqa: PLC0415 - this test alone needs it
    from osaudit.sweep.cluster import sweep_on_ray  # noqa: PLC0415

    with pytest.raises(OsauditError, match="no Ray cluster answers at nowhere") as told:
        sweep_on_ray(
            place_of("memory://none"), Plan(how()), [], {}, Seeing(Path()), lambda *_: None, address="nowhere:1:2"
        )
    assert told.value.exit_code == 3


def test_what_no_node_has_is_told_and_not_waited_for() -> None:
    from osaudit.sweep.cluster import Needs  # noqa: PLC0415 - where Ray is installed

    nodes = [
        {"Alive": True, "Resources": {"CPU": 8.0, "memory": 16e9}},
        {"Alive": True, "Resources": {"CPU": 4.0, "GPU": 1.0, "memory": 8e9}},
        {"Alive": False, "Resources": {"CPU": 64.0, "GPU": 8.0, "memory": 512e9}},
    ]
    assert Needs().lacking(nodes) == ""
    assert Needs(gpus=0.5, memory=8_000_000_000).lacking(nodes) == ""
    assert Needs(gpus=2).lacking(nodes) == "2 GPUs"
    assert Needs(gpus=1, memory=16_000_000_000).lacking(nodes) == "1 GPU and 16,000,000,000 bytes of memory"
    assert Needs(gpus=0.5, memory=5).options == {
        "num_cpus": 1.0, "num_gpus": 0.5, "memory": 5, "max_retries": -1, "retry_exceptions": False,
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore")
def test_a_gpu_that_the_cluster_lacks_is_one_line(cluster: Cluster, tmp_path: Path) -> None:
    from osaudit.errors import UsageError  # noqa: PLC0415 - this test alone needs it
    from osaudit.sweep.cluster import Needs, sweep_on_ray  # noqa: PLC0415

    with pytest.raises(UsageError, match="no node of the Ray cluster has 1 GPU: ask for less"):
        sweep_on_ray(
            place_of(str(tmp_path / "store")), Plan(how()), [], {}, Seeing(tmp_path), lambda *_: None,
            address=cluster.address, needs=Needs(gpus=1),
        )  # fmt: skip
