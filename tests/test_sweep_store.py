"""The store: a chunk is there or not, whatever happens; what is damaged is told, set aside and done again."""

from __future__ import annotations

import errno
import json
import os
import typing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_stores import OTHER_COMMIT, counted, model, put, rows_of, store_of
from program import ROOT

from osaudit.cli import run as run_here
from osaudit.errors import OsauditError, UsageError
from osaudit.sweep import columns, parts
from osaudit.sweep.columns import NAMES, TABLES, Table
from osaudit.sweep.locking import HeldError, locked, overlaps
from osaudit.sweep.parts import KEY, Chunk, NewerError, chunk_of, write_chunk
from osaudit.sweep.place import Folder, Place, place_of
from osaudit.sweep.querying import query
from osaudit.sweep.storage import look_through, opened, require_store
from osaudit.sweep.tidying import compact

A, B, C = model("acme/a"), model("acme/b", tag="cc-by-nc-4.0"), model("beta/c")


def models_in(place: Place) -> list[tuple[Any, ...]]:
    return query(place, "SELECT model, commit, label FROM models ORDER BY model").rows


def test_every_kind_of_column_is_known_and_told() -> None:
    kinds = set(typing.get_args(columns.Kind))
    assert set(typing.get_args(Table)) == set(NAMES)
    for table, found in TABLES.items():
        assert [column.name for column in found[:3]] == ["model", "commit", "seq"], table
        assert all(column.kind in kinds and column.what for column in found), table
        assert len({column.name for column in found}) == len(found), table


def test_the_columns_are_documented_as_they_are() -> None:
    text = (ROOT / "docs" / "sweep.md").read_text(encoding="utf-8")
    assert columns.documented().rstrip() in text


def test_a_store_has_a_row_a_model_and_forty_cells(tmp_path: Path) -> None:
    place = store_of(tmp_path / "s", [A, B], [C], keep="evidence", hashes=True)
    assert [row[0] for row in models_in(place)] == ["acme/a", "acme/b", "beta/c"]
    found = counted(place)
    assert (found["models"], found["cells"], found["evidence"]) == (3, 3 * 40, 3)
    assert found["findings"] > 3


def test_a_row_is_what_the_scorecard_says(tmp_path: Path) -> None:
    from made_stores import asked  # noqa: PLC0415 - beside what it is compared with

    place, card = store_of(tmp_path / "s", [B]), asked().judge(B)
    names = "label, label_at_best, label_basis, score_low, score_high, evidence_sha256, licence, tags, status, ranked"
    row = query(place, f"SELECT {names} FROM models").rows[0]  # noqa: S608 - names of columns
    label = card.label
    licence = dict(card.licences)["weights"].key
    assert row == (
        label.id, label.at_best, label.basis, card.score.low, card.score.high, card.evidence_sha256, licence,
        ["cc-by-nc-4.0"], "judged", True,
    )  # fmt: skip
    outcomes = query(place, "SELECT pack, criterion, facet, outcome, basis FROM cells").rows
    assert sorted(outcomes) == sorted(
        (one.pack, one.criterion, one.facet, one.answer.outcome, one.answer.basis) for one in card.verdicts
    )
    uses = query(place, "SELECT kind, answer FROM findings WHERE sort = 'use'").rows
    assert sorted(uses) == sorted((use.use, use.answer) for use in card.uses)


def test_text_that_is_no_unicode_is_kept_as_far_as_it_is(tmp_path: Path) -> None:
    odd = model("acme/odd", tag="half \ud800 a sign")
    place = store_of(tmp_path / "s", [odd], keep="evidence")
    assert [row[0] for row in models_in(place)] == ["acme/odd"]


def test_a_changed_model_is_there_once_and_its_former_commit_too(tmp_path: Path) -> None:
    place = store_of(tmp_path / "s", [A, B])
    put(place, 1, [model("acme/a", commit=OTHER_COMMIT)], run=2)
    assert models_in(place)[0][:2] == ("acme/a", OTHER_COMMIT)
    assert counted(place)["cells"] == 2 * 40
    assert query(place, "SELECT count(*) FROM all_models WHERE model = 'acme/a'").rows == [(2,)]


def test_what_is_written_twice_is_there_once(tmp_path: Path) -> None:
    place = store_of(tmp_path / "s", [A, B])
    put(place, 1, [A], run=2)
    write_chunk(place, Chunk(2, 1), rows_of([C]))
    assert [row[0] for row in models_in(place)] == ["acme/a", "acme/b"]


# a kill at any moment


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it."""


@pytest.mark.parametrize("after", range(4))
def test_a_chunk_that_was_cut_off_is_not_there(tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    place = store_of(tmp_path / "s", [A])
    written = [0]

    def replace(self: Path, target: Path) -> Path:
        if written[0] == after:
            raise Killed
        written[0] += 1
        self.rename(target)
        return target

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        patch.setattr(Path, "unlink", lambda *_, **__: None)  # who is killed tidies nothing
        with pytest.raises(Killed):
            put(place, 2, [B, C], keep="evidence")
    assert [row[0] for row in models_in(place)] == ["acme/a"]
    contents, known, lines = opened(place)
    assert (set(known), lines, contents.next_run) == ({"acme/a"}, (), 2)
    assert look_through(place).left_over == ()
    assert not list((tmp_path / "s").rglob(".tmp-*"))
    put(place, 1, [B, C], run=2, keep="evidence")
    assert counted(place)["cells"] == 3 * 40


def test_what_other_shards_are_writing_is_left_alone(tmp_path: Path) -> None:
    place = store_of(tmp_path / "s", [A])
    theirs = tmp_path / "s" / "cells" / Chunk(1, 7, 2, 2).file
    theirs.write_bytes(b"half")
    opened(place, (1, 2))
    assert theirs.exists()
    opened(place, (2, 2))
    assert not theirs.exists()


# damage


def damage_cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def damage_empty(path: Path) -> None:
    path.write_bytes(b"")


def damage_foreign(path: Path) -> None:
    pq.write_table(pa.table({"model": ["x/y"]}), path)


def damage_text(path: Path) -> None:
    path.write_text("model,label\n")


def damage_gone(path: Path) -> None:
    path.unlink()


DAMAGES = [damage_cut, damage_empty, damage_foreign, damage_text]


@pytest.mark.parametrize("table", ["models", "cells", "evidence"])
@pytest.mark.parametrize("damage", [*DAMAGES, damage_gone], ids=lambda one: one.__name__)
def test_a_damaged_part_is_told_set_aside_and_done_again(tmp_path: Path, table: Table, damage: Any) -> None:
    place = store_of(tmp_path / "s", [A, B], [C], keep="evidence")
    file = Chunk(1, 1).file
    damage(tmp_path / "s" / table / file)
    contents, known, lines = opened(place)
    assert set(known) == {"beta/c"}
    if not (table == "models" and damage is damage_gone):  # without it the rest is what a cut-off run left
        assert len(lines) == 1
        assert file in lines[0]
        assert list((tmp_path / "s" / "aside").iterdir())
    put(place, 1, [A, B], run=contents.next_run, keep="evidence")
    assert counted(place)["cells"] == 3 * 40
    assert opened(place)[2] == ()


@pytest.mark.parametrize("table", ["models", "cells", "evidence"])
def test_a_flipped_bit_is_found_by_check(tmp_path: Path, table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    store_of(tmp_path / "s", [A, B], [C], keep="evidence")
    path = tmp_path / "s" / table / Chunk(1, 1).file
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(bytes(data))
    assert run_here(["store", "check", str(tmp_path / "s")]) == 3
    assert table in capsys.readouterr().err


def test_check_says_what_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store_of(tmp_path / "s", [A, B], [C])
    assert run_here(["store", "check", str(tmp_path / "s"), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["chunks"], told["rows"]["models"], told["damaged"], told["exit"]) == (2, 3, [], 0)


def test_a_strange_file_is_set_aside(tmp_path: Path) -> None:
    place = store_of(tmp_path / "s", [A])
    (tmp_path / "s" / "cells" / "notes.parquet").write_bytes(b"x")
    _, known, lines = opened(place)
    assert set(known) == {"acme/a"}
    assert "notes.parquet" in lines[0]


def test_a_part_of_a_newer_schema_is_refused_and_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(parts, "STORE_SCHEMA", columns.STORE_SCHEMA + 1)
        place = store_of(tmp_path / "s", [A])
    with pytest.raises(NewerError, match="newer osaudit"):
        opened(place)
    assert (tmp_path / "s" / "models" / Chunk(1, 1).file).exists()


def test_each_part_says_what_it_is(tmp_path: Path) -> None:
    store_of(tmp_path / "s", [A])
    for path in sorted((tmp_path / "s").rglob("*.parquet")):
        told = json.loads(pq.read_metadata(path).metadata[KEY])
        assert told["schema"] == columns.STORE_SCHEMA
        assert told["table"] == path.parent.name
        assert chunk_of(path.name) == Chunk(told["run"], told["chunk"])


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    place = store_of(tmp_path / "s", [A])

    def full(_: int) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OsauditError, match=r"no space is left.*--resume") as told:
            put(place, 2, [B])
    assert (told.value.exit_code, told.value.kind) == (3, "disk-full")
    assert not list((tmp_path / "s").rglob(".tmp-*"))
    assert [row[0] for row in models_in(place)] == ["acme/a"]


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        require_store(place_of(str(tmp_path / "file")), new=True)
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("x")
    with pytest.raises(UsageError, match=r"thesis\.tex"):
        require_store(place_of(str(other)), new=True)
    with pytest.raises(UsageError, match="no store is there"):
        require_store(place_of(str(tmp_path / "none")))


# locks


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ((1, 1), (1, 1), True),
        ((1, 1), (2, 3), True),
        ((2, 3), (1, 1), True),
        ((1, 3), (2, 3), False),
        ((2, 3), (2, 3), True),
        ((1, 3), (1, 4), True),
    ],
)
def test_a_second_sweep_on_a_store_is_refused(
    tmp_path: Path, one: tuple[int, int], other: tuple[int, int], *, meet: bool
) -> None:
    place = place_of(str(tmp_path / "s"))
    assert overlaps(one, other) == meet
    with locked(place, one):
        if meet:
            with (
                pytest.raises(HeldError, match=rf"another sweep is writing to it \(process {os.getpid()}"),
                locked(place, other),
            ):
                pass
        else:
            with locked(place, other):
                pass
    with locked(place, other):
        pass


# compaction


def test_a_compacted_store_holds_the_same(tmp_path: Path) -> None:
    place = store_of(tmp_path / "s", [A], [B], [C], keep="evidence")
    put(place, 1, [A], run=2, keep="evidence")
    put(place, 2, [model("acme/b", commit=OTHER_COMMIT)], run=2, keep="evidence")
    before = counted(place), models_in(place), query(place, "SELECT * EXCLUDE seq FROM cells ORDER BY ALL").rows
    assert compact(place, 100_000)[:2] == (5, 1)
    after = counted(place), models_in(place), query(place, "SELECT * EXCLUDE seq FROM cells ORDER BY ALL").rows
    assert after == before
    assert query(place, "SELECT count(*) FROM all_models").rows == [(4,)]
    assert look_through(place, deep=True).damaged == ()
    assert len(list((tmp_path / "s" / "models").iterdir())) == 1


@pytest.mark.parametrize("after", range(12))
def test_a_compaction_that_is_cut_off_loses_and_doubles_nothing(
    tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = store_of(tmp_path / "s", [A], [B], [C], keep="evidence")
    before = models_in(place)
    steps = [0]
    write, remove = Folder.write, Folder.remove

    def count() -> None:
        steps[0] += 1
        if steps[0] > after:
            raise Killed

    def counting_write(self: Folder, path: str, data: bytes) -> None:
        count()
        write(self, path, data)

    def counting_remove(self: Folder, path: str) -> None:
        count()
        remove(self, path)

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "write", counting_write)
        patch.setattr(Folder, "remove", counting_remove)
        with pytest.raises(Killed):
            compact(place, 100_000)
    assert models_in(place) == before
    assert counted(place)["cells"] == 3 * 40
    compact(place, 100_000)
    assert models_in(place) == before
    assert len(list((tmp_path / "s" / "models").iterdir())) == 1


# elsewhere


def test_a_store_lies_wherever_fsspec_reaches() -> None:
    place = place_of("memory://osaudit-test/store")
    for number, models in enumerate(([A, B], [C]), 1):
        put(place, number, models, keep="evidence")
    assert counted(place)["cells"] == 3 * 40
    with locked(place), pytest.raises(HeldError, match="another sweep"), locked(place):
        pass
    contents, known, lines = opened(place)
    assert (len(contents.chunks), len(known), lines) == (2, 3, ())
    compact(place, 100_000)
    assert counted(place)["cells"] == 3 * 40


@pytest.mark.parametrize("named", ["nosuch://bucket/store", ""])
def test_an_address_that_is_none_is_one_line(named: str) -> None:
    with pytest.raises(UsageError):
        place_of(named)
