"""What a code base adopts is found where it stands, with its revision, and nothing else is."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from program import ROOT

from osaudit.gate.scan import Adopted, Found, scan
from osaudit.gate.scan.forms import table

HERE = Path(__file__).parent / "scan"
FORMS: list[dict[str, Any]] = yaml.safe_load((HERE / "forms.yaml").read_text(encoding="utf-8"))
VENDORED = 'from transformers import AutoModel\nAutoModel.from_pretrained("acme/vendored")\n'
LIBRARIES = ("click", "jinja2", "_pytest", "rich", "huggingface_hub")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("scan") / "tree"
    shutil.copytree(HERE / "tree", root)
    for path in ("own/lib/a.py", "venv/b.py", "node_modules/x/c.py", "third_party/d.py", "lib/site-packages/e.py"):
        (root / path).parent.mkdir(parents=True)
        (root / path).write_text(VENDORED)
    (root / "own" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return root


@pytest.fixture(scope="module")
def adopted(tree: Path) -> Adopted:
    return scan(tree)


def line_of(root: Path, form: dict[str, Any]) -> int:
    lines = (root / form["path"]).read_text(encoding="utf-8").split("\n")
    [line] = [number for number, words in enumerate(lines, 1) if form["at"] in words]
    return line


def as_asked(form: dict[str, Any], line: int) -> tuple[object, ...]:
    kind, pinned = form.get("kind", "model"), form.get("pinned", False)
    return form["path"], line, form["model"], kind, form.get("revision"), pinned


def as_found(one: Found) -> tuple[object, ...]:
    return one.spot.path, one.spot.line, one.model, one.kind, one.revision, one.pinned


@pytest.mark.parametrize("form", FORMS, ids=[f"{form['library']}: {form['form']}" for form in FORMS])
def test_a_form_is_found(form: dict[str, Any], tree: Path, adopted: Adopted) -> None:
    assert as_asked(form, line_of(tree, form)) in [as_found(one) for one in adopted.found]


def test_there_are_forms_enough_of_libraries_enough() -> None:
    assert len({(form["library"], form["form"]) for form in FORMS}) == len(FORMS) >= 60
    assert len({form["library"].split(" ")[0] for form in FORMS}) >= 25


def test_nothing_else_is_found(tree: Path, adopted: Adopted) -> None:
    asked = {as_asked(form, line_of(tree, form)) for form in FORMS}
    assert [as_found(one) for one in adopted.found if as_found(one) not in asked] == []


def test_what_the_code_does_not_tell_is_listed(adopted: Adopted) -> None:
    assert [(one.spot.path, one.how, one.why) for one in adopted.unresolved] == [
        ("app/imported.py", "transformers.AutoModel.from_pretrained", "the environment variable NOT_IN_THE_TREE"),
        ("serve/start.sh", "vllm serve", "an argument of the script"),
    ]


def test_vendored_folders_are_told(adopted: Adopted) -> None:
    assert adopted.unread == ()
    folders = {one.path for one in adopted.left_out}
    assert folders == {"own", "venv", "node_modules", "third_party", "lib/site-packages"}


def test_defaults_are_marked(adopted: Adopted) -> None:
    assumed = {one.model: one.assumed for one in adopted.found if one.assumed}
    assert assumed["acme/env-default"] == "the default of the environment variable JUDGE"
    assert assumed["acme/argparse-default"] == "the default of --model"
    assert assumed["acme/default-argument"] == "the default of name in load()"
    assert assumed["acme/docker-arg"] == "the default of the build argument MODEL"


def test_where_the_id_is_written_is_told(adopted: Adopted) -> None:
    [one] = [one for one in adopted.found if one.model == "acme/embedder"]
    assert one.written is not None
    assert (one.written.path, one.written.line) == ("app/names.py", 1)


def test_a_notebooks_cell_is_told(adopted: Adopted) -> None:
    [one] = [one for one in adopted.found if one.model == "acme/notebook"]
    assert (one.spot.cell, one.spot.cell_line) == (3, 2)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_librarys_own_source_adopts_nothing(library: str, tmp_path: Path) -> None:
    spec = importlib.util.find_spec(library)
    assert spec is not None
    assert spec.submodule_search_locations
    shutil.copytree(spec.submodule_search_locations[0], tmp_path / library, ignore=shutil.ignore_patterns("*.so"))
    adopted = scan(tmp_path)
    assert [as_found(one) for one in adopted.found] == []
    assert adopted.files > 10


def test_osaudits_own_source_adopts_nothing() -> None:
    assert [as_found(one) for one in scan(ROOT / "osaudit").found] == []


def test_the_table_says_where_each_form_comes_from() -> None:
    held = table()
    assert all(form.told for form in held.variables.values())
    assert all(key.form.told for key in held.keys)
