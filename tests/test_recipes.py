"""CONTRIBUTING.md, carried out: each recipe's blocks are put into a copy of the project, which must then work."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from program import ROOT, START, run

pytestmark = pytest.mark.slow

BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<place>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
AFTER = {
    "osaudit/checks/__init__.py": "CHECKS: Mapping[str, Check] = MappingProxyType(\n    {\n",
    "criteria/osd.yaml": "          - {check: weights-modifiable}\n",
    "criteria/licence-texts.yaml": "texts:\n",
}
COPIED = (
    "osaudit",
    "criteria",
    "reports",
    "tests/cases",
    "tests/test_checks.py",
    "tests/test_restrictions_schema.py",
    "tests/test_rulebook.py",
    "tests/evidence_builder.py",
    "tests/made_snapshots.py",
    "tests/pattern_texts.py",
)


@dataclass(frozen=True)
class Copy:
    """A copy of the project, and what a recipe's blocks were put into."""

    home: Path

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run(sys.executable, *arguments, cwd=self.home, env={"PYTHONPATH": str(self.home)})

    def osaudit(self, *arguments: str) -> str:
        done = self.python(*START, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def put(self, place: str, text: str) -> None:
        """Make the file; or put the text where a list of its kind begins; or add it at the end."""
        path = self.home / place
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        if place in AFTER:
            assert before.count(AFTER[place]) == 1, place
            path.write_text(before.replace(AFTER[place], AFTER[place] + text), encoding="utf-8")
        else:
            path.write_text(f"{before}\n\n{text}" if before else text, encoding="utf-8")

    def is_clean(self, *paths: str) -> None:
        for command in (("check",), ("format", "--check")):
            done = self.python("-m", "ruff", *command, "--no-cache", *paths)
            assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    home = tmp_path / "osaudit-copy"
    for name in COPIED:
        source, target = ROOT / name, home / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    shutil.copy(ROOT / "pyproject.toml", home)
    return Copy(home)


def recipe(title: str) -> list[tuple[str, str, str]]:
    """A section's blocks: language, place, text."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return [(found["language"], found["place"] or "", found["text"]) for found in BLOCK.finditer(section)]


def test_add_a_check(copy: Copy) -> None:
    for _, place, text in recipe("Add a check"):
        copy.put(place, text)
    copy.is_clean("osaudit/checks/weights.py", "osaudit/checks/__init__.py", "tests/test_checks.py")
    done = copy.python("-m", "pytest", "-q", "-p", "no:xdist", "tests/test_checks.py")
    assert done.returncode == 0, done.stdout[-3000:]
    alone = copy.python("-m", "pytest", "-q", "-p", "no:xdist", "tests/test_checks.py", "-k", "card-published")
    assert re.search(r"\b[5-9] passed", alone.stdout), alone.stdout
    assert "card-published" in copy.osaudit("criteria", "explain", "C2-W")


def test_a_check_without_its_cases_is_told(copy: Copy) -> None:
    for _, place, text in recipe("Add a check"):
        if "review" not in place:
            copy.put(place, text)
    done = copy.python("-m", "pytest", "-q", "-p", "no:xdist", "tests/test_checks.py", "-k", "card-published")
    assert done.returncode == 1, done.stdout
    assert "test_a_check_has_a_case_for_every_outcome_it_gives[card-published]" in done.stdout


def test_add_a_licence(copy: Copy) -> None:
    blocks = {place: text for _, place, text in recipe("Add a licence")}
    licence_text = blocks["texts/acme-model-1.0.txt"]
    digest = hashlib.sha256(licence_text.encode()).hexdigest()
    for place, text in blocks.items():
        if place:
            copy.put(place, text.replace("SHA256", digest))
    build, *commands = blocks[""].splitlines()
    done = copy.python(*build.removeprefix("python ").split())
    assert done.returncode == 0, done.stderr
    shown, identified = (copy.osaudit(*command.removeprefix("osaudit ").split()) for command in commands)
    assert "Acme Model License 1.0" in shown
    assert "OSD-6   fail" in shown
    assert identified.startswith("acme-model-1.0: Acme Model License 1.0, word for word")


def test_a_model_under_the_new_licence_is_judged_by_it(copy: Copy) -> None:
    blocks = {place: text for _, place, text in recipe("Add a licence")}
    copy.put("criteria/licences/acme-model-1.0.yaml", blocks["criteria/licences/acme-model-1.0.yaml"])
    model = copy.home / "model"
    model.mkdir()
    (model / "README.md").write_text("---\nlicense: other\nlicense_name: acme-model\n---\n# A model\n")
    (model / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    card = json.loads(copy.osaudit("audit", "./model", "--format", "json"))
    assert card["licence"]["weights"]["key"] == "acme-model-1.0"
    outcomes = {(v["criterion"], v["facet"]): v["outcome"] for v in card["verdicts"]}
    assert outcomes["OSD-6", "licence"] == "fail"


def _audited(copy: Copy, words: str) -> dict[str, Any]:
    model = copy.home / "model"
    model.mkdir(exist_ok=True)
    (model / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    (model / "README.md").write_text(f"---\nlicense: mit\n---\n# A model\n\n{words}\n", encoding="utf-8")
    card: dict[str, Any] = json.loads(copy.osaudit("audit", "./model", "--format", "json"))
    return card


def _rule_book_holds(copy: Copy, only: str) -> None:
    tests = ("tests/test_rulebook.py", "tests/test_restrictions_schema.py")
    done = copy.python("-m", "pytest", "-q", "-p", "no:xdist", *tests, "-k", only)
    assert done.returncode == 0, done.stdout[-3000:]


def test_add_a_phrase(copy: Copy) -> None:
    ((_, place, text),) = recipe("Add a phrase")
    path = copy.home / place
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    row = yaml.safe_load(text)[0]
    _rule_book_holds(copy, f"{row['id']} or share or schema or fr.yaml")
    shown = copy.osaudit("criteria", "explain", row["id"])
    assert place in shown
    card = _audited(copy, row["closes"][0])
    assert row["id"] in {conflict["rule"] for conflict in card["conflicts"]}


def test_add_a_language(copy: Copy) -> None:
    ((_, place, text),) = recipe("Add a language")
    assert not (copy.home / place).exists()
    copy.put(place, text)
    raw = yaml.safe_load(text)
    _rule_book_holds(copy, f"[{raw['language']}] or {raw['language']}.yaml")
    closed = _audited(copy, raw["closes"][0])
    assert f"{raw['language']}-deny-trade" in {conflict["rule"] for conflict in closed["conflicts"]}
    assert _audited(copy, raw["leaves"][0])["conflicts"] == []
    assert raw["name"] in copy.osaudit("criteria", "explain", f"{raw['language']}-ask-terms")


def test_add_a_family(copy: Copy) -> None:
    ((_, place, text),) = recipe("Add a family of models")
    path = copy.home / place
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    model = copy.home / "model"
    model.mkdir()
    (model / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    for words, told in (("A take on Heron 2 in Welsh.", True), ("It is faster than Heron 2.", False)):
        (model / "README.md").write_text(f"---\nlicense: mit\n---\n# A model\n\n{words}\n")
        card = json.loads(copy.osaudit("audit", "./model", "--format", "json"))
        assert bool(card["lineage"]["edges"]) == told
        assert ("lineage-may-drop-terms" in {conflict["kind"] for conflict in card["conflicts"]}) == told


def test_add_a_format(copy: Copy) -> None:
    table = copy.home / "osaudit/render/__init__.py"
    for _, place, text in recipe("Add a format"):
        before = table.read_text(encoding="utf-8")
        if place.isupper():
            start = re.search(rf"^{place}: .*\n    {{", before, re.MULTILINE)
            assert start, place
            table.write_text(f"{before[: start.end()]}{text.strip()} {before[start.end() :]}", encoding="utf-8")
        elif copy.home / place == table:
            table.write_text(before.replace("\n\nRENDERERS:", f"\n\n{text}\n\nRENDERERS:"), encoding="utf-8")
        else:
            copy.put(place, text)
    copy.python("-m", "ruff", "format", "--no-cache", str(table))  # joins the tables' lines as it would for a person
    copy.is_clean("osaudit/render/lines.py", str(table))
    (copy.home / "cards.json").write_text(_scorecard(), encoding="utf-8")
    assert copy.osaudit("report", "cards.json", "--format", "lines") == "open-weights acme/tiny-lm\n"
    copy.osaudit("report", "cards.json", "-o", "labels.lines")
    assert (copy.home / "labels.lines").read_text(encoding="utf-8") == "open-weights acme/tiny-lm\n"


def _scorecard() -> str:
    from samples import TINY  # noqa: PLC0415 - this recipe alone needs a scorecard

    from osaudit.render.json import render_json  # noqa: PLC0415 - likewise

    return render_json([replace(TINY, tool_version="0.0.1")])  # of another version: its score is not held to it
