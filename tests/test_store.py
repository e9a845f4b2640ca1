"""The cache on disk: what goes in comes out, and what is damaged was never there."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from osaudit.evidence import Absent, Files, ModelRef, Parameters, RepoFile, Seen, Unknown, Where
from osaudit.snapshot import FetchedText, Snapshot
from osaudit.sources.store import Store, _head, default_root

COMMIT, OTHER = "1" * 40, "2" * 40
REF = ModelRef("org/m")
PLACE = Where("org/m", COMMIT, "api/models/org/m", pointer="/gated")


def snapshot(commit: str = COMMIT, ref: ModelRef = REF) -> Snapshot:
    return Snapshot(
        ref=ref,
        source="hub",
        commit=Seen(commit),
        last_modified=Seen("2024-01-01T00:00:00.000Z", (PLACE,)),
        files=Seen(Files((RepoFile("README.md", 5, None), RepoFile("w.bin", None, "a" * 64)), complete=False)),
        gated=Seen("auto", (PLACE,)),
        card_data=Seen({"license": "mit", "tags": ["a", {"b": None}], "n": 1.5}, (PLACE,)),
        config=Absent((PLACE,)),
        parameters=Seen(Parameters(12, (("F16", 12),))),
        texts={"README.md": Seen(FetchedText("# é\r\n", "b" * 64, 6, truncated=True)), "LICENSE": Unknown("gated: no")},
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache", now=lambda: datetime(2024, 5, 1, tzinfo=UTC))


def entry(store: Store) -> Path:
    (found,) = store.root.rglob(f"{COMMIT}.json")
    return found


def test_a_snapshot_comes_back_as_it_went_in(store: Store) -> None:
    store.save(snapshot())
    assert store.load(REF, COMMIT) == snapshot()
    assert store.load(ModelRef("org/m", "v1"), COMMIT) == snapshot(ref=ModelRef("org/m", "v1"))


def test_repositories_kinds_and_commits_are_kept_apart(store: Store) -> None:
    store.save(snapshot())
    assert store.load(REF, OTHER) is None
    assert store.load(ModelRef("org/m", kind="dataset"), COMMIT) is None
    assert store.load(ModelRef("org/n"), COMMIT) is None


@pytest.mark.parametrize("name", ["../m", "org/../m", "/etc", "a/b/c", ""])
def test_no_name_leads_out_of_the_cache(store: Store, name: str) -> None:
    ref = ModelRef(name)
    store.save(snapshot(ref=ref))
    store.point(ref, snapshot())
    assert store.load(ref, COMMIT) is None
    assert store.load(REF, "../" * 13 + "a") is None
    assert store.newest(ref) is None
    assert not store.root.exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-20],
        lambda data: data[:0],
        lambda data: b"\0" * len(data),
        lambda data: data.replace(b"mit", b"gpl"),
        lambda data: data.replace(b'"schema": 2', b'"schema": 3'),
        lambda data: b"[" * 100_000 + data,
        lambda data: data.partition(b"\n")[0],
    ],
)
def test_a_damaged_entry_is_a_missing_one(store: Store, damage: Callable[[bytes], bytes]) -> None:
    store.save(snapshot())
    entry(store).write_bytes(damage(entry(store).read_bytes()))
    assert store.load(REF, COMMIT) is None


@pytest.mark.parametrize("body", ["null", "[]", "{}", '{"ref": 5}', json.dumps({"ref": {"repo": "org/m"}, "texts": 1})])
def test_a_whole_entry_of_another_shape_is_a_missing_one(store: Store, body: str) -> None:
    store.save(snapshot())
    head = json.dumps(_head(body.encode()))
    entry(store).write_text(f"{head}\n{body}")
    assert store.load(REF, COMMIT) is None


def test_an_entry_under_another_name_is_a_missing_one(store: Store) -> None:
    store.save(snapshot())
    entry(store).rename(entry(store).with_name(f"{OTHER}.json"))
    assert store.load(REF, OTHER) is None


def test_a_revision_means_the_commit_it_was_last_seen_at(store: Store) -> None:
    for commit in (COMMIT, OTHER):
        store.save(snapshot(commit))
        store.point(REF, snapshot(commit))
    store.point(ModelRef("org/m", "refs/pr/1"), snapshot())
    newest = store.newest(REF)
    assert newest == replace(snapshot(OTHER), source="cache")
    assert store.newest(ModelRef("org/m", "main")) == replace(newest, ref=ModelRef("org/m", "main"))
    assert store.newest(ModelRef("org/m", "refs/pr/1")).commit == Seen(COMMIT)  # type: ignore[union-attr]
    assert store.newest(ModelRef("org/m", COMMIT)).commit == Seen(COMMIT)  # type: ignore[union-attr]
    assert store.newest(ModelRef("org/m", "v9")) is None


def test_a_moved_repository_is_found_under_both_names(store: Store) -> None:
    now = snapshot(ref=ModelRef("new/m"))
    store.save(now)
    store.point(REF, now)
    found = store.newest(REF)
    assert found == replace(now, source="cache")
    assert store.newest(ModelRef("new/m")) is None
    assert store.newest(ModelRef("new/m", COMMIT)) == replace(now, source="cache", ref=ModelRef("new/m", COMMIT))


def test_a_damaged_pointer_points_nowhere(store: Store) -> None:
    store.save(snapshot())
    store.point(REF, snapshot())
    (pointer,) = store.root.rglob("refs/*.json")
    pointer.write_bytes(pointer.read_bytes()[:-3])
    assert store.newest(REF) is None


def test_a_snapshot_without_a_commit_is_not_kept(store: Store) -> None:
    store.save(replace(snapshot(), commit=Absent()))
    store.point(REF, replace(snapshot(), commit=Absent()))
    assert not store.root.exists()


def test_a_cache_that_cannot_be_written_fails_no_audit(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "osaudit.sources.store")
    logging.getLogger("osaudit.sources.store").addHandler(caplog.handler)
    (tmp_path / "cache").write_text("a file where the folder should be")
    store = Store(tmp_path / "cache")
    store.save(snapshot())
    logging.getLogger("osaudit.sources.store").removeHandler(caplog.handler)
    assert "cannot be written" in caplog.text
    assert store.load(REF, COMMIT) is None


def test_no_part_file_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    store.save(snapshot())
    assert [path for path in store.root.rglob("*") if path.is_file()] == [entry(store)]
    monkeypatch.setattr(Path, "replace", full)
    store.save(replace(snapshot(), config=Seen({})))
    store.save(replace(snapshot(), config=Seen({"half": "\ud800"})))
    assert [path for path in store.root.rglob("*") if path.is_file()] == [entry(store)]
    assert store.load(REF, COMMIT) == snapshot()


def test_many_writers_leave_a_whole_entry(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: store.save(snapshot()), range(64)))
        assert all(found == snapshot() for found in pool.map(lambda _: store.load(REF, COMMIT), range(64)))


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OSAUDIT_CACHE", str(tmp_path))
    assert default_root() == tmp_path
    monkeypatch.delenv("OSAUDIT_CACHE")
    assert default_root().name == "osaudit"
