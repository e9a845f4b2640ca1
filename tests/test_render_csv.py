from __future__ import annotations

import csv
import io

import pytest
from samples import CANDIDATE, CHAT, EMPTY, GATED, HOSTILE_TEXTS, SAMPLES, TINY, hostile
from syrupy.assertion import SnapshotAssertion

from osaudit.render.csv import render_summary_csv
from osaudit.render.neutral import csv_cell
from osaudit.verdict import Failure


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_table(snapshot: SnapshotAssertion) -> None:
    assert render_summary_csv([GATED, TINY, CHAT, CANDIDATE, EMPTY]).split("\r\n") == snapshot


def test_rows_are_ranked_and_name_each_cell() -> None:
    table = rows(render_summary_csv([GATED, TINY, CHAT, CANDIDATE]))
    assert [(row["rank"], row["model"]) for row in table] == [
        ("1", "lab/glass-box"),
        ("2", "acme/tiny-lm"),
        ("3", "acme/tiny-lm-chat"),
        ("4", "acme/locked-lm"),
    ]
    assert table[2]["osd:OSD-6:licence"] == "fail"
    assert table[2]["licence_code_settled"] == "false"
    assert (table[3]["commit"], table[3]["incomplete"]) == ("", "true")


def test_lines_end_as_the_rfc_says_and_have_the_same_columns() -> None:
    text = render_summary_csv(list(SAMPLES.values()))
    assert text.endswith("\r\n")
    assert text.count("\n") == text.count("\r\n") == len(SAMPLES) + 1
    table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert {len(row) for row in table} == {len(table[0])}


def test_no_models_give_the_heading_alone() -> None:
    assert rows(render_summary_csv([])) == []
    assert render_summary_csv([]).startswith("rank,model,")


def test_no_cell_begins_as_a_formula() -> None:
    for text in (*HOSTILE_TEXTS, "=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\u200d=1", "＝1", "＋1", "－1", "＠x"):
        assert csv_cell(text).lstrip()[:1] not in set("=+-@＝＋－＠")
    table = list(csv.reader(io.StringIO(render_summary_csv([hostile()]), newline=""), strict=True))
    assert not [cell for row in table for cell in row if cell.lstrip()[:1] in set("=+-@") and cell]
    assert "'=cmd|' /C calc'!A0" in csv_cell("=cmd|' /C calc'!A0")


@pytest.mark.parametrize(
    "text", ["", "osd:OSD-1:weights", "Apache-2.0", "a  b", " a", "a ", "a::b", "##[error]", "a\u202eb"]
)
def test_a_cell_of_plain_words_stays_as_it_is(text: str) -> None:
    assert csv_cell(text) == {"a  b": "a b", " a": "a", "a ": "a", "##[error]": "# #[error]"}.get(
        text, text.replace("\u202e", "⟨U+202E⟩")
    )


def test_a_model_that_could_not_be_judged_has_its_row() -> None:
    lost = Failure("acme/gone", "v1", "missing", "=acme/gone: no such repository", 3)
    rows = list(csv.DictReader(io.StringIO(render_summary_csv([TINY], [lost]))))
    assert [(row["model"], row["label"], row["error_kind"]) for row in rows] == [
        (TINY.model, TINY.label.id, ""),
        ("acme/gone", "not-judged", "missing"),
    ]
    assert rows[1]["rank"] == ""
    assert rows[1]["error"] == "'=acme/gone: no such repository"
