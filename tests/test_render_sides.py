"""Definitions side by side: each facet's worst cell that counts, where they differ, and how each format shows it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from samples import ATTESTED, CHAT, SIDES, TINY

from osaudit.render import RENDERERS, Options
from osaudit.render.grid import main_verdicts, rows, tally
from osaudit.render.sides import differences, sides
from osaudit.render.words import attested_cells, commands

OPTIONS = Options()


def test_one_definition_alone_has_no_side() -> None:
    assert sides(CHAT) == differences(CHAT) == ()
    assert main_verdicts(CHAT) == CHAT.verdicts


def test_a_side_shows_the_worst_cell_that_counts() -> None:
    main, further = sides(SIDES)
    assert (main.name, main.result, main.own) == ("Open Source Definition", "Weights Available, by licence text", None)
    assert (further.name, further.result) == ("Acme Classes", "Second class")
    assert [cell and cell.answer.outcome for cell in main.cells] == ["fail", "review", "fail", "fail"]
    assert [cell and cell.answer.outcome for cell in further.cells] == ["pass", "review", None, "pass"]


def test_a_difference_is_where_the_definitions_that_ask_do_not_agree() -> None:
    found = {one.facet: [(name, cell.criterion) for name, cell in one.sides] for one in differences(SIDES)}
    assert found == {
        "weights": [("Open Source Definition", "OSD-1"), ("Acme Classes", "AC-WEIGHTS")],
        "licence": [("Open Source Definition", "OSD-1"), ("Acme Classes", "AC-WEIGHTS")],
    }


def test_the_first_definitions_grid_and_tally_are_its_own() -> None:
    assert [row.criterion for row in rows(SIDES)] == [f"OSD-{number}" for number in range(1, 11)]
    assert [row.criterion for row in rows(SIDES, "acme-classes")] == ["AC-WEIGHTS", "AC-DATA", "AC-EXTRA"]
    assert tally(SIDES, "fail") == tally(CHAT, "fail")


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_every_reader_sees_results_differences_parts_and_remarks(form: str) -> None:
    shown = re.sub(r"\s+", " ", RENDERERS[form]([SIDES], OPTIONS))
    for words in (
        "Definitions side by side" if form != "markdown" else "| Definition | Result |",
        "Acme Classes",
        "Second class",
        "Where they differ, and why",
        "The first class lacks its data",
        "First class, 50–100 %",
        "2 of 2 components are there",
        "Another duty binds whatever the class",
    ):
        assert words in shown, words
    assert "Attested" not in shown


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_every_reader_sees_who_attests_and_what_the_machine_found(form: str) -> None:
    shown = re.sub(r"\s+", " ", RENDERERS[form]([ATTESTED], OPTIONS)).replace("\\", "")
    for words in (
        "Open Source AI (attested)",
        "Attested",
        "A. Reader (data-1), from 2026-11-01 to 2027-11-01",
        "The report names every source",
        "Without the attestation: partial.",
        "attested.yaml as of 2026-11-20, not signed",
        "An attestation stands in this report",
        "Attestation overrides" if form == "html" else "attestation-overrides",
        "†",
    ):
        assert words in shown, words
    [(names, _, _)] = attested_cells(ATTESTED)
    assert names == "OSD-2 data, OSD-2 training, AC-DATA data"


def test_a_file_that_bears_on_nothing_says_so() -> None:
    none = replace(TINY, attestations=ATTESTED.attestations)
    for form in ("text", "markdown", "html"):
        assert "No attestation of the file bears on this model" in re.sub(r"\s+", " ", RENDERERS[form]([none], OPTIONS))


def test_the_spreadsheet_has_a_column_a_result() -> None:
    head, first, second, _ = RENDERERS["csv"]([TINY, SIDES], OPTIONS).split("\r\n")
    at = head.split(",").index("result:acme-classes")
    assert [line.split(",")[at] for line in (first, second)] == ["", "Second class"]
    assert "acme-classes:AC-DATA:data" in head


def test_the_commands_ask_the_same_again() -> None:
    assert commands(ATTESTED)[1].endswith("--pack acme-classes --attestations attested.yaml --format json")
