from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from samples import CANDIDATE, CHAT, EMPTY, GATED, SAMPLES, TINY

from osaudit.render import FORMAT_BY_SUFFIX, RENDERERS, Options
from osaudit.render.grid import ranked, rows, tally, with_ranks
from osaudit.render.words import commands, score_words, statement
from osaudit.verdict import UNTOLD, Failure, LabelId, Score, Scorecard


@pytest.mark.parametrize("name", RENDERERS)
@pytest.mark.parametrize("cards", [[], [TINY], list(SAMPLES.values())], ids=["none", "one", "several"])
def test_each_format_takes_any_number_of_models(name: str, cards: list[Scorecard]) -> None:
    text = RENDERERS[name](cards, Options())
    assert text.endswith("\n")
    assert text == RENDERERS[name](list(cards), Options())
    text.encode("utf-8")


def test_every_suffix_names_a_format_and_every_format_has_one() -> None:
    assert set(FORMAT_BY_SUFFIX.values()) == set(RENDERERS)


def test_the_table_of_formats_imports_none_of_them() -> None:
    heavy = {"jinja2", "jsonschema", "click", "csv", "osaudit.render.html", "osaudit.render.text"}
    assert not heavy & modules_after("import osaudit.render")
    reading = modules_after("import osaudit.render.json, osaudit.render.jsonread")
    assert not {"jinja2", "jsonschema", "click"} & reading


def modules_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_rank_is_by_rung_then_low_score_then_name() -> None:
    low, high = replace(TINY, score=Score(1, 99)), replace(TINY, score=Score(2, 3))
    other = replace(low, model="Acme/aardvark")
    assert ranked([EMPTY, low, GATED, CHAT, high, CANDIDATE, other]) == (
        CANDIDATE,
        high,
        other,
        low,
        CHAT,
        EMPTY,
        GATED,
    )


def untold(low: float, high: float, at_best: LabelId = "open-source-ai", name: str = "acme/untold") -> Scorecard:
    label = replace(TINY.label, id="not-available", name=UNTOLD, at_best=at_best, determined=False)
    return replace(TINY, model=name, label=label, score=Score(low, high))


def test_what_could_not_be_told_stands_above_what_it_exceeds_by_what_was_seen() -> None:
    """What is open counts 0 in a score's low end, the weights that were not seen among it: it rests on nothing else."""
    one, two = replace(TINY, score=Score(50, 60)), replace(TINY, model="acme/b", score=Score(40, 90))
    closed = replace(TINY, model="acme/c", score=Score(10, 20), label=replace(TINY.label, id="weights-available"))
    told = [one, two, closed]
    assert one.label.id == "open-weights"
    for low, at_best, place in (
        (51, "open-source-ai", 0),
        (50, "open-source-ai", 1),
        (40, "open-source-ai", 2),
        (51, "weights-available", 2),
        (51, "unlicensed", 3),
        (10, "open-source-ai", 3),
        (0, "open-source-ai-open-data", 3),
    ):
        order = ranked([*told, untold(low, 100, at_best)])
        assert [card.model for card in order].index("acme/untold") == place, (low, at_best)
        assert [card for card in order if card.label.determined] == told
    apart = with_ranks([*told, untold(61, 100), untold(61, 100, "weights-available")])
    assert [rank for rank, _ in apart] == [1, 2, 3, 4, 5]
    pair = untold(70, 100), untold(70, 100, name="acme/untold-too")
    assert [rank for rank, _ in with_ranks([*told, *pair])] == [1, 1, 3, 4, 5]
    assert with_ranks([closed, untold(5, 100, "weights-available")])[1][0] == 2


def test_grid_has_a_row_for_each_criterion() -> None:
    grid = rows(CHAT)
    assert [row.criterion for row in grid] == [f"OSD-{number}" for number in range(1, 11)]
    assert all(cell for row in grid for cell in row.cells)
    assert sum(tally(CHAT, outcome) for outcome in ("pass", "partial", "fail", "review", "not_applicable")) == 40
    partly = replace(CHAT, verdicts=CHAT.verdicts[1:3], packs=())
    assert [(row.title, [bool(cell) for cell in row.cells]) for row in rows(partly)] == [
        ("", [False, True, True, False])
    ]


def test_commands_name_what_was_judged() -> None:
    assert commands(CHAT)[1].split()[2] == "acme/tiny-lm-chat@0123456789abcdef0123456789abcdef01234567"
    assert commands(GATED)[1] == "osaudit audit acme/locked-lm@v2 --format json"
    assert commands(EMPTY)[1] == "osaudit audit ./folder --format json"
    assert commands(replace(TINY, source="facts"))[1] == "osaudit demo"
    assert (
        commands(replace(GATED, model="a b; rm -rf /", revision=None))[1]
        == "osaudit audit 'a b; rm -rf /' --format json"
    )


def test_scores_have_the_same_number_of_decimals() -> None:
    assert [score_words(Score(*pair)) for pair in ((0, 100), (41.5, 63), (50, 50.0), (33.3, 33.3))] == [
        "0–100",
        "41.5–63.0",
        "50",
        "33.3",
    ]


def test_statement_names_definition_version_commit_and_date() -> None:
    words = statement(TINY)
    for part in (
        "not legal advice",
        "Open Source Definition 1.9",
        "pack osd 1.0",
        TINY.commit or "",
        TINY.collected_at,
    ):
        assert part in words


@pytest.mark.parametrize("form", ["csv", "markdown", "text", "json"])
def test_a_model_that_could_not_be_judged_never_vanishes(form: str) -> None:
    lost = Failure("acme/gone", None, "missing", "acme/gone: no such repository", 3)
    text = RENDERERS[form]([TINY, CHAT], Options(failures=(lost,)))
    assert "acme/gone" in text.replace("\\", "")
    assert "no such repository" in " ".join(text.split())
