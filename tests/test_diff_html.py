"""What changed, as a page: nothing of what is the same, and changed clauses side by side."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from evidence_builder import evidence_of
from test_render_html import Page

from osaudit.cli import run as main
from osaudit.compare import Audit, changes
from osaudit.evidence import Seen
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.render.differences import render_diff_html

CLAUSES = ("1. You may use the model.", "2. You may sell it.", "3. Keep this notice.")


def audit(words: str, path: str = "LICENSE") -> Audit:
    evidence = evidence_of({"texts": [{"path": path, "keys": ["mit"]}]})
    (text,) = evidence.licence_texts
    where = replace(text.where, sha256=hashlib.sha256(words.encode()).hexdigest())
    evidence = replace(evidence, licence_texts=(replace(text, where=where, text=Seen(words, (where,))),))
    return evidence, judge(evidence, load_pack(), load_table())


def page_of(before: Audit, after: Audit) -> Page:
    return Page(render_diff_html(before, after, changes(before, after)))


def test_a_changed_clause_stands_beside_what_it_was() -> None:
    before = audit("\n\n".join(CLAUSES))
    after = audit("\n\n".join((CLAUSES[0], "2. You may not sell it.", CLAUSES[2])))
    page = page_of(before, after)
    assert page.faults == []
    assert "2. You may sell it. 2. You may not sell it." in page.text.replace("  ", " ")
    assert CLAUSES[0] not in page.text
    assert CLAUSES[2] not in page.text


def test_the_same_text_by_another_name_is_no_change_of_words() -> None:
    words = "\n\n".join(CLAUSES)
    page = page_of(audit(words), audit(words, "LICENSE.md"))
    assert "The words of" not in page.text
    changed = page_of(audit(words), audit(words + "\n\n4. More.", "LICENSE.md"))
    assert "The words of LICENSE and LICENSE.md" in changed.text
    assert CLAUSES[0] not in changed.text


def test_nothing_changed_is_said() -> None:
    same = audit("x")
    assert "Nothing that bears on openness changed." in page_of(same, same).text


def test_hostile_words_of_a_text_are_inert() -> None:
    page = page_of(audit("<script>alert(1)</script>"), audit("</td><img src=x onerror=alert(1)>"))
    assert page.faults == []
    assert {tag for tag, _ in page.tags} & {"script", "img"} == set()
    assert "alert" in page.text


@pytest.mark.parametrize("output", ["x.csv", "x.md"])
def test_another_format_is_wrong_usage(output: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["diff", "a/b", "c/d", "-o", str(tmp_path / output)]) == 2
    assert "a difference is told as text, json, html" in capsys.readouterr().err
