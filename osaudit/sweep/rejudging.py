"""Saved evidence judged: other processes decode, judge and write, a chunk each, and nobody looks at the world."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from osaudit import __version__
from osaudit.codec import MAX_BYTES, load_digested, require_digest
from osaudit.errors import UsageError
from osaudit.frozen import dataclass
from osaudit.reading.reread import load_evidence
from osaudit.sweep.judging import Done, Wanted, failed, judge_one, packed, unpacked
from osaudit.sweep.parts import Chunk, batches, read_table, write_chunk
from osaudit.sweep.place import Place, place_of
from osaudit.sweep.rows import ModelRows, merge
from osaudit.sweep.storage import Contents, Known, look_through, require_store
from osaudit.sweep.sweeping import Plan, Tally, Tell
from osaudit.workers import FEW, Workers, cores, workers_for

Text: TypeAlias = tuple[str, bytes]
"""Where evidence was saved, and its text as UTF-8."""

CHUNK_TEXT = 8 * 1024 * 1024
"""Bytes of evidence in one chunk: so much is held for each process, and handed over."""
_KEPT = ("model", "seq", "form", "json")
_DIGEST = re.compile(rb'"sha256":\s?"([0-9a-f]{64})"')


@dataclass(frozen=True, slots=True)
class Task:
    """A chunk of saved evidence: where its rows go, what is asked, and the texts."""

    place: Place
    chunk: Chunk
    data: bytes
    texts: tuple[Text, ...]


def texts_of(path: str) -> Iterator[Text]:
    """The saved evidence that a file (JSON, or JSONL), a folder or a store holds; UsageError where there is none."""
    named = Path(path)
    if "://" in path or (named / "models").is_dir():
        yield from texts_in(place_of(path))
        return
    if named.is_dir():
        files = sorted(named.glob("*.json"))
        if not files:
            raise UsageError(f"{path} holds no saved evidence: no *.json is in it")
        for file in files:
            yield str(file), _read(file)
        return
    if named.suffix.lower() in {".jsonl", ".ndjson"}:
        yield from _lines(named)
        return
    yield path, _read(named)


def texts_in(place: Place, contents: Contents | None = None) -> Iterator[Text]:
    """The evidence that a store keeps, of each model the newest, in the order of its parts."""
    require_store(place)
    contents = contents or look_through(place, light=True)
    newest: dict[str, int] = {}
    for file in contents.files("models"):
        found = read_table(place, "models", file, ["model", "seq"])
        for model, seq in zip(found["model"].to_pylist(), found["seq"].to_pylist(), strict=True):
            newest[model] = max(seq, newest.get(model, 0))
    there = False
    for file in contents.files("evidence"):
        for batch in batches(place, "evidence", file, _KEPT):
            for model, seq, form, text in zip(*(batch.column(name).to_pylist() for name in _KEPT), strict=True):
                if form == "evidence" and newest.get(model) == seq:
                    there = True
                    yield model, text.encode()
    if not there:
        raise UsageError(f"{place.name} keeps no evidence: sweep with --keep evidence")


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise UsageError(f"{file} is over {MAX_BYTES // 2**20} MB: is it saved evidence?")
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from error


def _lines(file: Path) -> Iterator[Text]:
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(iter(lambda: lines.readline(MAX_BYTES + 1), b""), 1):
                if line.strip():
                    yield f"{file}, line {number}", line
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from error


def sweep_saved(
    place: Place,
    plan: Plan,
    texts: Iterable[Text],
    known: Mapping[str, Known],
    tell: Tell,
    processes: int | None = None,
) -> Tally:
    """Judge saved evidence into a store; what it has of the same digest, packs and version is left out."""
    have = {one.evidence for one in known.values() if (one.packs, one.tool) == (plan.how.packs, __version__)}
    tally, data = Tally(), packed(plan.how)
    count = processes or cores()
    texts = iter(texts)
    first = list(itertools.islice(texts, FEW))
    texts = itertools.chain(first, texts)
    with workers_for(len(first), processes=count) as workers, ThreadPoolExecutor(count + 1) as pool:
        under_way: set[Future[list[Done]]] = set()
        tasks = _tasks(place, plan, texts, have, data, tally)
        while True:
            for task in itertools.islice(tasks, count + 1 - len(under_way)):
                under_way.add(pool.submit(_do, workers, task))
            if not under_way:
                return tally
            finished, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in finished:
                for done in future.result():
                    tally.add(done)
                    tally.written += 1
                    tell(tally, done)
                tell(tally, None)


def _do(workers: Workers, task: Task) -> list[Done]:
    return workers.do(judge_saved, task)


def _tasks(
    place: Place, plan: Plan, texts: Iterable[Text], have: set[str | None], data: bytes, tally: Tally
) -> Iterator[Task]:
    """Cut what is to be judged into chunks, by their number and by their length."""
    held: list[Text] = []
    length = 0
    for name, text in texts:
        found = _DIGEST.search(text, 0, 400)
        if found and found.group(1).decode() in have:
            tally.skipped += 1
            continue
        held.append((name, text))
        length += len(text)
        if len(held) >= plan.chunk or length >= CHUNK_TEXT:
            yield _task(place, plan, data, held, tally)
            held, length = [], 0
    if held:
        yield _task(place, plan, data, held, tally)


def _task(place: Place, plan: Plan, data: bytes, held: list[Text], tally: Tally) -> Task:
    tally.chunks += 1
    return Task(place, Chunk(plan.run, tally.chunks, plan.shard.number, plan.shard.of), data, tuple(held))


def judge_saved(task: Task) -> list[Done]:
    """Decode, judge and write a chunk; give what was done, without its rows."""
    rows: ModelRows = {}
    told: list[Done] = []
    models: set[str] = set()
    for name, text in task.texts:
        done = _judged(task.data, name, text)
        model = str(done.rows["models"][0][0])
        if model in models:  # the same model twice in what is saved: its later evidence stands in another chunk, or not
            continue
        models.add(model)
        merge(rows, done.rows)
        told.append(replace(done, rows={}))
    write_chunk(task.place, task.chunk, rows)
    return told


def _judged(data: bytes, name: str, text: bytes) -> Done:
    """Judge one; its digest is computed once, as it is read, and held to what it records."""
    try:
        evidence, found, recorded = load_digested(text)
        if evidence.readers:
            require_digest(recorded, found, evidence.ref.repo)
        else:
            evidence, found = load_evidence(text, name), ""
        saved = text if unpacked(data).keep == "evidence" and not evidence.reread else b""
        return judge_one(data, evidence, Wanted(evidence.ref.repo), saved, found)
    except Exception as error:  # noqa: BLE001 - the boundary of one model
        return failed(Wanted(_named_in(text) or name), error, unpacked(data))


def _named_in(text: bytes) -> str:
    """The model that damaged evidence names, as far as that can be read."""
    try:
        found = json.loads(text)["ref"]["repo"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return str(found)[:200]
