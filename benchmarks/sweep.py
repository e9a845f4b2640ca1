"""What a sweep costs: evidence decoded, judged and written by two processes; lists and full looks over a loopback Hub.

    python -m benchmarks.sweep [--records 10000 40000] [--listed 100000] [--full] [--json]

Records are the corpus's evidence (OSAUDIT_CORPUS), collected once through the loopback Hub and varied: each has a name
and a commit of its own, made by the parent while they are judged. Memory is the most that parent and processes
together have of their own (proportional set size), looked at every half second.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.corpus import WHEN, recorded
from benchmarks.cost import LOOKING, bare, clean_environment, other_process, plan
from osaudit.audit import Run, asking, collect_evidence
from osaudit.codec import dump
from osaudit.errors import OsauditError
from osaudit.evidence import Evidence
from osaudit.reading import read_snapshot
from osaudit.sources.catalogue import Filters
from osaudit.sources.collect import collect
from osaudit.sources.hub import HubSource
from osaudit.sources.kept import Kept
from osaudit.sources.refs import parse_ref
from osaudit.sweep.judging import How, Wanted
from osaudit.sweep.place import Place, place_of
from osaudit.sweep.querying import query
from osaudit.sweep.rejudging import sweep_saved
from osaudit.sweep.sweeping import Plan, from_list, sweep
from tests.hub.corpus import CorpusShelf
from tests.hub.repos import Shelf, Weights
from tests.hub.server import LoopbackHub

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = 2
TARGETS = {"models_per_second": 400, "megabytes": 600, "listed_seconds": 120, "full_to_bare": 0.7}
QUERIES = (
    "SELECT count(*) FROM models",
    "SELECT label, count(*) FROM models GROUP BY 1 ORDER BY 2 DESC",
    "SELECT licence, count(*) FROM models GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
    "SELECT criterion, facet, outcome, count(*) FROM cells GROUP BY ALL",
    "SELECT model, score_low FROM models WHERE ranked ORDER BY score_low DESC LIMIT 50",
    "SELECT owner, avg(score_low) FROM models GROUP BY 1 HAVING count(*) > 2 ORDER BY 2 DESC",
    "SELECT kind, count(DISTINCT model) FROM findings WHERE sort = 'conflict' GROUP BY 1",
    "SELECT m.model, f.because FROM models m JOIN findings f USING (model) WHERE f.kind = 'sell' AND f.answer = 'no'",
    "SELECT parent, count(*) FROM edges WHERE len(dropped) > 0 GROUP BY 1 ORDER BY 2 DESC",
    "SELECT model FROM cells WHERE criterion = 'OSD-6' AND facet = 'licence' AND outcome = 'fail'",
)
"""Ten questions, as `docs/sweep.md` has them."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    options.add_argument("--records", type=int, nargs="*", default=[10_000, 40_000], help="records to judge, by turns")
    options.add_argument("--listed", type=int, default=0, help="models to take from the Hub's list")
    options.add_argument("--full", action="store_true", help="sweep the corpus at 50 ms an answer, beside bare GETs")
    arguments = options.parse_args()
    corpus = Path(os.environ.get("OSAUDIT_CORPUS") or ROOT / "../shared/corpus").resolve()
    if not corpus.is_dir():
        print(json.dumps({"skipped": "no corpus"}) if arguments.json else f"skipped: {corpus} is not there")
        return
    found: dict[str, Any] = {"targets": TARGETS}
    with clean_environment() as home, tempfile.TemporaryDirectory() as folder:
        if arguments.records:
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
                texts = pool.submit(corpus_evidence, corpus).result()  # so that its memory is not counted here
            found["records"] = [judged(texts, count, Path(folder) / str(count)) for count in arguments.records]
        if arguments.listed:
            found["listed"] = listed(arguments.listed, Path(folder) / "listed", home)
        if arguments.full:
            found["full"] = full(corpus, Path(folder) / "full")
    print(json.dumps(found, indent=1) if arguments.json else table(found))


def corpus_evidence(corpus: Path) -> list[tuple[str, str, str]]:
    """Collect every recorded model's evidence; its name, its commit and its text."""
    made = []
    with LoopbackHub(CorpusShelf(corpus)) as hub:
        os.environ["HF_ENDPOINT"] = hub.endpoint
        source, read, kept = HubSource(tries=2), partial(read_snapshot, collected_at=WHEN), Kept()
        for name in recorded(corpus):
            try:
                one = collect(parse_ref(name), open_snapshot=source.fetch, read=read, depth=4, kept=kept)
            except OsauditError:
                continue
            data = json.loads(dump(one, compact=True))
            del data["sha256"]  # it is of the record before it is varied
            made.append((one.ref.repo, data["commit"]["seen"], json.dumps(data, ensure_ascii=False)))
    return made


def varied(texts: list[tuple[str, str, str]], count: int) -> Iterator[tuple[str, bytes]]:
    """As many records as are asked for, no two of one model or one commit."""
    for number, (name, commit, text) in enumerate(itertools.islice(itertools.cycle(texts), count)):
        owner, _, rest = name.partition("/")
        own = f"{owner}/{rest}-{number}"
        yield own, text.replace(f'"{name}"', f'"{own}"').replace(commit, f"{number:08x}{commit[8:]}").encode()


def judged(texts: list[tuple[str, str, str]], count: int, folder: Path) -> dict[str, Any]:
    """Decode, judge and write so many records."""
    place, plan = place_of(str(folder)), Plan(How(asking(), keep="none"), chunk=500)
    with memory() as most:
        before, start = _cpu(), time.perf_counter()
        tally = sweep_saved(place, plan, varied(texts, count), {}, lambda *_: None, PROCESSES)
        seconds, cpu = time.perf_counter() - start, _cpu() - before
    rows = query(place, "SELECT count(*), count(DISTINCT model) FROM models").rows[0]
    if rows != (count, count) or tally.failed:
        raise RuntimeError(f"{count} records came to {rows} rows, {tally.failed} of them failures")
    return {
        "records": count, "seconds": round(seconds, 1), "models_per_second": round(count / seconds, 1),
        "cpu_ms_a_model": round(1000 * cpu / count, 2), "megabytes": round(most[0] / 2**20),
        "store_bytes_a_model": round(sum(path.stat().st_size for path in folder.rglob("*.parquet")) / count),
        "queries_ms": queries(place) if count <= 20_000 else [],
    }  # fmt: skip


def queries(place: Place) -> list[float]:
    """Milliseconds of each question, the store opened anew for each: the median of five."""
    taken: dict[str, list[float]] = {sql: [] for sql in QUERIES}
    for _ in range(5):
        for sql, times in taken.items():
            start = time.perf_counter()
            query(place, sql)
            times.append(1000 * (time.perf_counter() - start))
    return [round(statistics.median(times), 1) for times in taken.values()]


def _cpu() -> float:
    """Seconds of CPU of this process and of those that it has ended with."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@contextlib.contextmanager
def memory() -> Iterator[list[int]]:
    """The most bytes that this process and its children hold at once."""
    most, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.5):
            pids = [os.getpid(), *(child.pid or 0 for child in multiprocessing.active_children())]
            most[0] = max(most[0], sum(map(_held, pids)))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def _held(pid: int) -> int:
    """Proportional set size of a process, in bytes; 0 where it is gone."""
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return 0


def listed(count: int, folder: Path, home: Path) -> dict[str, Any]:
    """Take so many models from the list of a loopback Hub in another process."""
    made = home / "many.py"
    made.write_text(_MANY.format(root=str(ROOT), count=count), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(made)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("the Hub's pipes are missing")
        os.environ["HF_ENDPOINT"] = process.stdout.readline().strip()
        plan = Plan(How(asking(), keep="none"), looking=LOOKING, depth="list", chunk=1000)
        start = time.perf_counter()
        tally = sweep(place_of(str(folder)), plan, from_list(Filters(), plan), {}, _never, lambda *_: None)
        seconds = time.perf_counter() - start
        process.stdin.close()
        asked = int(process.stdout.readline())
    return {"models": tally.judged, "requests": asked, "seconds": round(seconds, 1)}


def _never(_name: str, _run: Run) -> Evidence:
    raise RuntimeError("depth list looks at no model")


_MANY = """
import sys
sys.path[:0] = [{root!r}]
from benchmarks.sweep import many
many({count})
"""


def many(count: int) -> None:
    """Serve a Hub with so many models until standard input ends; then tell how many requests came."""
    shelf = Shelf()
    for number in range(count):
        record = {"tags": ["license:mit"], "downloads": number, "pipeline_tag": "text-generation"}
        files = {"README.md": "# A model\n", "config.json": "{}", "model.safetensors": Weights()}
        shelf.add("model", f"owner{number % 997}/m{number:07}", files, record=record)
    with LoopbackHub(_Sorted(shelf)) as hub:
        print(hub.endpoint, flush=True)
        sys.stdin.read()
        print(len(hub.log), flush=True)


class _Sorted:
    """A shelf that sorts its names once: the double sorts them for each request."""

    def __init__(self, shelf: Shelf) -> None:
        self.find, self.moved_to = shelf.find, shelf.moved_to
        self._ids = {kind: shelf.ids(kind) for kind in ("model", "dataset")}

    def ids(self, kind: str) -> list[str]:
        return self._ids[kind]


def full(corpus: Path, folder: Path, latency: float = 0.05, rounds: int = 3) -> dict[str, Any]:
    """Sweep the corpus at so many seconds an answer, beside a bare client's GETs of the same files."""
    with other_process(corpus, latency) as endpoint:
        os.environ["HF_ENDPOINT"] = endpoint
        names = CorpusShelf(corpus).ids("model")
        with ThreadPoolExecutor(16) as pool:
            plans = list(pool.map(partial(plan, HubSource(), endpoint), names))
            rates: dict[str, list[float]] = {"bare": [], "swept": []}
            for number in range(rounds):
                start = time.perf_counter()
                list(pool.map(bare, plans))
                rates["bare"].append(len(names) / (time.perf_counter() - start))
                what = Plan(How(asking(), keep="none"), looking=LOOKING)
                start = time.perf_counter()
                sweep(
                    place_of(str(folder / str(number))), what, map(Wanted, names), {},
                    lambda name, run: collect_evidence(name, LOOKING, run), lambda *_: None,
                )  # fmt: skip
                rates["swept"].append(len(names) / (time.perf_counter() - start))
    ratios = sorted(mine / theirs for mine, theirs in zip(rates["swept"], rates["bare"], strict=True))
    return {
        "models": len(names), "latency": latency, "ratio": round(ratios[len(ratios) // 2], 3),
        "per_second": {name: [round(rate, 1) for rate in found] for name, found in rates.items()},
    }  # fmt: skip


def table(found: dict[str, Any]) -> str:
    lines = []
    for one in found.get("records", ()):
        lines.append(
            f"{one['records']:,} records: {one['models_per_second']} models a second with {PROCESSES} processes, "
            f"{one['cpu_ms_a_model']} ms of CPU a model, {one['megabytes']} MB at the most, "
            f"{one['store_bytes_a_model']:,} bytes of store a model"
        )
        if one["queries_ms"]:
            lines.append(f"  ten questions: {', '.join(f'{ms:.0f}' for ms in one['queries_ms'])} ms")
    if "listed" in found:
        one = found["listed"]
        lines.append(f"{one['models']:,} listed in {one['requests']} requests and {one['seconds']} s")
    if "full" in found:
        one = found["full"]
        lines.append(
            f"{one['models']} models at {one['latency'] * 1000:.0f} ms: {one['ratio']} of a bare client's rate"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
