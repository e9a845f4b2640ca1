"""A sweep on a Ray cluster: the same chunks as on one machine, written where every node reaches the store.

A chunk's parts have names of their own, so that a chunk that Ray does twice, because a worker or a node was lost, is
there once. Probes ask for the GPUs and the memory that they take.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from osaudit.errors import OsauditError, UsageError
from osaudit.sources.pace import Pace
from osaudit.sweep.flow import Patience, flow
from osaudit.sweep.judging import Done, How, See, Wanted
from osaudit.sweep.parts import Chunk, read_table, write_chunk
from osaudit.sweep.place import Place
from osaudit.sweep.rows import ModelRows, merge
from osaudit.sweep.storage import Known
from osaudit.sweep.sweeping import Plan, Tally, Tell, missing

AHEAD = 2
"""Chunks in hand for each processor."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What one chunk takes of a node: processors, GPUs (parts of one may be shared), and bytes of memory."""

    cpus: float = 1.0
    gpus: float = 0.0
    memory: int = 0

    @property
    def options(self) -> dict[str, Any]:
        """As Ray has them."""
        found: dict[str, Any] = {"num_cpus": self.cpus, "max_retries": -1, "retry_exceptions": False}
        found |= {"num_gpus": self.gpus} if self.gpus else {}
        return found | ({"memory": self.memory} if self.memory else {})

    def lacking(self, nodes: Iterable[Mapping[str, Any]]) -> str:
        """Say what no node that lives has all of, which Ray would wait for without end; empty where one has it."""
        asked = {"CPU": self.cpus, "GPU": self.gpus, "memory": float(self.memory)}
        for node in nodes:
            has = node.get("Resources", {})
            if node.get("Alive", True) and all(has.get(name, 0.0) >= least for name, least in asked.items()):
                return ""
        words = [f"{self.gpus:g} GPU{'s' if self.gpus > 1 else ''}"] if self.gpus else []
        words += [f"{self.memory:,} bytes of memory"] if self.memory else []
        return " and ".join(words) or f"{self.cpus:g} processors"


@dataclass(frozen=True, slots=True)
class Job:
    """A chunk for any node: where its rows go, which models, and what is asked of them."""

    place: Place
    chunk: Chunk
    wanted: tuple[Wanted, ...]
    how: How
    patience: Patience


def do_chunk(job: Job, see: See) -> list[Done]:
    """Look at a chunk's models, judge them and write their rows; give what was done, without the rows.

    A chunk that is there already was done by a worker that was lost when it had written it.
    """
    if job.chunk.file in job.place.files("models"):
        return _done_before(job)
    rows: ModelRows = {}
    told: list[Done] = []
    for done in flow(job.wanted, see, job.how, Pace(), many=False, patience=job.patience):
        merge(rows, done.rows)
        told.append(replace(done, rows={}))
    write_chunk(job.place, job.chunk, rows)
    return told


def _done_before(job: Job) -> list[Done]:
    found = read_table(job.place, "models", job.chunk.file, ["model", "label", "error", "message"])
    rows = zip(*(found.column(name).to_pylist() for name in found.column_names), strict=True)
    return [
        Done(model, {}, label or "", error or "", message or "", exit=3 if error else 0)
        for model, label, error, message in rows
    ]


def sweep_on_ray(  # noqa: PLR0913 - what a sweep takes, and the cluster
    place: Place,
    plan: Plan,
    wanted: Iterable[Wanted],
    known: Mapping[str, Known],
    see: See,
    tell: Tell,
    *,
    address: str | None = None,
    needs: Needs | None = None,
) -> Tally:
    """Do on a cluster what the store lacks: that at the address, else one of this machine's processors.

    OsauditError where the cluster cannot be reached, or a chunk cannot be done; UsageError where no node has what a
    chunk needs.
    """
    if not address:  # Ray reads it when it is imported: on one machine, the loopback interface will do
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    import ray as module  # noqa: PLC0415 - an extra

    ray: Any = module  # its types are half told
    own = not ray.is_initialized()
    if own:
        _connect(ray, address)
    needs = needs or Needs()
    try:
        lacking = needs.lacking(ray.nodes())
        if lacking:
            raise UsageError(f"no node of the Ray cluster has {lacking}: ask for less, or add a node that has it")
        tally = Tally()
        jobs = _jobs(place, plan, missing(wanted, known, plan, tally), tally)
        return _run(ray, jobs, see, tell, needs, tally)
    except ray.exceptions.RayTaskError as error:
        cause = error.cause
        raise cause if isinstance(cause, OsauditError) else _lost(error) from error
    except ray.exceptions.RayError as error:
        raise _lost(error) from error
    finally:
        if own:
            ray.shutdown()


def _connect(ray: Any, address: str | None) -> None:  # noqa: ANN401 - a module
    """Join the cluster; without an address, start one on the loopback interface alone."""
    try:
        if address:
            ray.init(address=address, log_to_driver=False, logging_level="error")
        else:
            ray.init(include_dashboard=False, log_to_driver=False, logging_level="error", _node_ip_address="127.0.0.1")
    except (ConnectionError, OSError, RuntimeError, ValueError, TimeoutError) as error:
        raise OsauditError(f"no Ray cluster answers at {address or 'this machine'}: {_line(error)}") from error


def _lost(error: BaseException) -> OsauditError:
    return OsauditError(
        f"the Ray cluster failed ({_line(error)}): what is done is kept: go on with --resume", kind="ray"
    )


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1][:300]


def _run(ray: Any, jobs: Iterator[Job], see: See, tell: Tell, needs: Needs, tally: Tally) -> Tally:  # noqa: ANN401 - a module
    remote, seeing = ray.remote(do_chunk).options(**needs.options), ray.put(see)
    most = max(2, AHEAD * int(ray.cluster_resources().get("CPU", 1)))
    under_way: list[Any] = []
    while True:
        under_way += [remote.remote(job, seeing) for job in itertools.islice(jobs, most - len(under_way))]
        if not under_way:
            return tally
        finished, under_way = ray.wait(under_way, num_returns=1)
        for reference in finished:
            for done in ray.get(reference):
                tally.add(done)
                tally.written += 1
                tell(tally, done)
            tell(tally, None)


def _jobs(place: Place, plan: Plan, lacking: Iterator[Wanted], tally: Tally) -> Iterator[Job]:
    while models := tuple(itertools.islice(lacking, plan.chunk)):
        tally.chunks += 1
        chunk = Chunk(plan.run, tally.chunks, plan.shard.number, plan.shard.of)
        yield Job(place, chunk, models, plan.how, plan.patience)
