"""`osaudit store query`: SQL over a store, which is read and never written, and beside which nothing is seen."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from made_stores import model, store_of
from program import ROOT

from benchmarks.sweep import QUERIES
from osaudit.cli import run as run_here
from osaudit.errors import UsageError
from osaudit.sweep.columns import TABLES
from osaudit.sweep.place import place_of
from osaudit.sweep.querying import query

A, B = model("acme/a"), model("acme/b", tag="cc-by-nc-4.0")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    store_of(tmp_path / "s", [A, B], keep="evidence")
    return tmp_path / "s"


READS = [
    "SELECT * FROM read_text('{file}')",
    "SELECT * FROM read_csv('{file}')",
    "SELECT * FROM '{file}'",
    "SELECT * FROM read_blob('{file}')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM read_parquet('{store}/models/*.parquet')",
    "SELECT * FROM parquet_scan('{store}/models/*.parquet')",
    "SELECT * FROM sniff_csv('{file}')",
    "FROM place",
    "SELECT getenv('HOME')",
    "SELECT * FROM 'https://127.0.0.1:9/x.csv'",
]
WRITES = [
    "COPY models TO '{folder}/out.csv'",
    "COPY (SELECT 1) TO '{folder}/out.parquet'",
    "EXPORT DATABASE '{folder}/out'",
    "ATTACH '{folder}/out.db'",
    "CREATE TABLE mine AS SELECT 1",
    "INSERT INTO superseded VALUES ('a', 1)",
    "DROP VIEW models",
    "INSTALL httpfs",
    "LOAD '{file}'",
    "SET enable_external_access = true",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "SELECT 1; SELECT 2",
    "",
    "not SQL",
    "SELECT * FROM nothing",
    "SELECT 'a'::INT",
]


@pytest.mark.parametrize("sql", [*READS, *WRITES])
def test_a_query_reads_the_store_alone_and_writes_nothing(store: Path, tmp_path: Path, sql: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError) as told:
        query(place_of(str(store)), sql.format(file=secret, folder=tmp_path, store=store))
    assert "\n" not in str(told.value)
    assert sorted(tmp_path.rglob("*")) == before


def questions() -> list[str]:
    text = (ROOT / "docs" / "sweep.md").read_text(encoding="utf-8")
    return text.partition("```sql\n")[2].partition("```")[0].splitlines()


def test_the_ten_documented_questions_are_those_that_are_measured() -> None:
    assert questions() == list(QUERIES)
    assert len(QUERIES) == 10


@pytest.mark.parametrize("number", range(10))
def test_a_documented_question_has_an_answer(store: Path, number: int) -> None:
    found = query(place_of(str(store)), questions()[number])
    assert found.columns


def test_the_documented_columns_are_there(store: Path) -> None:
    for table, columns in TABLES.items():
        assert query(place_of(str(store)), f"SELECT * FROM {table} LIMIT 0").columns == tuple(  # noqa: S608 - our names
            column.name for column in columns
        )


@pytest.mark.parametrize("sql", ["SET x = 1", "RESET ALL"])
def test_settings_are_locked(store: Path, sql: str) -> None:
    with pytest.raises(UsageError):
        query(place_of(str(store)), sql)
    assert query(place_of(str(store)), "SELECT current_setting('enable_external_access')").rows == [(False,)]


def test_an_answer_is_csv_json_or_text(store: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    sql = "SELECT model, label, tags, ranked, score_low, collected_at FROM models ORDER BY model"
    assert run_here(["store", "query", str(store), sql, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["model"], row["tags"], row["ranked"]) for row in rows] == [
        ("acme/a", ["mit"], True),
        ("acme/b", ["cc-by-nc-4.0"], True),
    ]
    assert rows[0]["collected_at"].endswith("Z")
    assert run_here(["store", "query", str(store), sql, "--format", "csv", "-o", str(tmp_path / "a.csv")]) == 0
    table = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert [(row["model"], row["tags"], row["ranked"]) for row in table] == [
        ("acme/a", "mit", "true"),
        ("acme/b", "cc-by-nc-4.0", "true"),
    ]
    capsys.readouterr()
    assert run_here(["store", "query", str(store), sql]) == 0
    assert capsys.readouterr().out.splitlines()[0].split()[:2] == ["model", "label"]


def test_no_answer_commands_a_terminal_or_a_spreadsheet(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "SELECT '=1+1' AS a, chr(27) || '[31m' AS b"
    for form in ("csv", "json", "text"):
        assert run_here(["store", "query", str(store), sql, "--format", form]) == 0
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert form != "csv" or "\n=1" not in out


def test_what_is_no_store_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(["store", "query", str(tmp_path), "SELECT 1"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_damaged_store_is_told(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [part] = (store / "cells").iterdir()
    part.write_bytes(part.read_bytes()[:-50])
    assert run_here(["store", "query", str(store), "SELECT count(*) FROM cells WHERE outcome = 'fail'"]) == 3
    assert "store check" in capsys.readouterr().err
