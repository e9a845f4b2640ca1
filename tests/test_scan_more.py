"""A tree of what code makes of names: a comment behind a line tells which models it adopts, and no other line does."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from osaudit.gate.scan import Adopted, scan

HERE = Path(__file__).parent / "scan" / "more"
_NAMES = re.compile(r"#((?:\s+(?:[\w.-]+/[\w.-]+|squad|gpt2|bert-base-uncased))+)\s*$")
WITHOUT_COMMENT = {
    ("Dockerfile", 4, "h/arg-id"),
    ("Dockerfile", 9, "h/heredoc"),
    ("Dockerfile", 13, "h/cmdargs"),
    ("c2.Dockerfile", 2, "h/imagecmd"),
    ("cfg/b.json", 1, "h/json-id"),
    ("cfg/b.json", 1, "h/json-2"),
    ("cfg/gh.yaml", 7, "h/ghenv"),
    ("cfg/merge.yaml", 5, "h/merge-b"),
    ("cfg/spacy.cfg", 3, "roberta-base"),
    ("compose.yml", 9, "h/folded"),
    ("k.yaml", 11, "h/k8s-block"),
    ("k.yaml", 28, "h/cm-script"),
    ("nb.ipynb", 1, "h/nb-one"),
    ("nb.ipynb", 1, "h/nb-bash"),
    ("nb.ipynb", 1, "h/nb-after"),
    ("run.sh", 12, "h/acc"),
    ("run.sh", 29, "h/inheredoc"),
}


def told_by(root: Path) -> set[tuple[str, int, str]]:
    lines = (
        (path.relative_to(root).as_posix(), number, line)
        for path in root.rglob("*")
        if path.is_file()
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
    )
    return {
        (path, number, name)
        for path, number, line in lines
        if (found := _NAMES.search(line))
        for name in found[1].split()
    }


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> Adopted:
    root = tmp_path_factory.mktemp("scan") / "more"
    shutil.copytree(HERE, root)
    return scan(root)


def test_each_line_adopts_what_it_says_and_no_other_does(adopted: Adopted) -> None:
    found = {(one.spot.path, one.spot.line, one.model) for one in adopted.found}
    asked = told_by(HERE) | WITHOUT_COMMENT
    assert (sorted(asked - found), sorted(found - asked)) == ([], [])
    assert len(asked) > 120


def test_what_is_open_is_told(adopted: Adopted) -> None:
    assert [(one.spot.path, one.spot.line, one.why) for one in adopted.unresolved] == [
        ("a.py", 77, "an option of the command line, --needed"),
        ("b.py", 20, "no model is named: transformers chooses the task's default model"),
        ("b.py", 25, "'resnet50' is the library's own name: its version tells the repository"),
        ("b.py", 42, "it is peft.PeftConfig.from_pretrained.base_model_name_or_path, which is not in this tree"),
        ("b.py", 56, "it is read from a file of settings"),
        ("b.py", 60, "'checkpoints/best' reads like a folder, and this tree has none of that name"),
    ]


def test_a_cell_that_is_no_python_is_told_and_the_others_are_read(adopted: Adopted) -> None:
    [one] = adopted.unread
    assert (one.path, one.why) == ("nb.ipynb", "cell 3 is not readable Python: invalid syntax, line 1")
