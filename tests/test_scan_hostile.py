"""Hostile trees are read to their end within bounds, and what is not read is told."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from fuzzing import TRIES, broken
from hypothesis import given
from hypothesis import strategies as st

from osaudit.errors import UsageError
from osaudit.gate.scan import Limits, scan
from osaudit.gate.scan.listing import kind_of

GOOD = 'from transformers import AutoModel\nAutoModel.from_pretrained("acme/good")\n'
KINDS = (
    *("a.py", "a.ipynb", "a.yaml", "a.json", "a.toml", "a.cfg", ".env", "a.sh", "Dockerfile", "Modelfile", "Makefile"),
    *("Procfile", "requirements.txt"),
)


def why(root: Path, path: str) -> str:
    adopted = scan(root)
    assert [one.model for one in adopted.found] == ["acme/good"]
    [told] = [one.why for one in adopted.unread if one.path == path]
    return told


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "good.py").write_text(GOOD)
    return tmp_path


PYTHON = {
    "a syntax error": b"from transformers import pipeline\nprint 'old'\n",
    "deep brackets": b"import transformers\nx = " + b"(" * 5000,
    "deep calls": b"import transformers\nx = " + b"f(" * 90 + b")" * 90 + b"\n" + b"[" * 500,
    "a NUL": b"import transformers\nx = '\x00'\n",
    "no UTF-8": b"import transformers\nx = '\xff\xfe'\n",
    "an encoding of nobody's": b"# coding: heron-9\nimport transformers\n",
}


@pytest.mark.parametrize("case", PYTHON)
def test_python_that_is_none_is_told(case: str, root: Path) -> None:
    (root / "bad.py").write_bytes(PYTHON[case])
    assert "\n" not in why(root, "bad.py")


DEEP = {
    "operators": "import transformers\nx = " + "+".join(["'a'"] * 30_000) + "\n",
    "minus signs": "import transformers\nx = " + "-" * 3_000 + "1\n",
    "attributes": "import transformers\nx = a" + ".b" * 30_000 + ".from_pretrained('acme/x/y')\n",
    "calls": "import transformers\nx = a" + "()" * 3_000 + "\n",
    "joined": "from transformers import AutoModel\nAutoModel.from_pretrained(" + " + ".join(["'a'"] * 900) + ")\n",
    "names": "from transformers import AutoModel\na0 = 'x/y z'\n"
    + "".join(f"a{n + 1} = a{n} + a{n}\n" for n in range(60))
    + "AutoModel.from_pretrained(a60)\n",
    "branches": "from transformers import AutoModel\n"
    + "".join(f"if c:\n    a{n + 1} = a{n} or a{n}\nelse:\n    a{n + 1} = a{n}\n" for n in range(60))
    + "AutoModel.from_pretrained(a60)\n",
    "a name of its own": "from transformers import AutoModel\na = a\nb = c\nc = b\nAutoModel.from_pretrained(a + b)\n",
    "a function of its own": "import peft\ndef f(x):\n    f(x)\n    peft.PeftConfig.from_pretrained(x)\n",
    "a class of its own": "from peft import AutoModel\nclass A(A):\n    pass\nAutoModel.from_pretrained(A.x)\n",
    "two classes": "from peft import P\nclass A(B): x = y\nclass B(A): pass\nP.from_pretrained(A().z)\n",
    "functions": "from transformers import AutoModel\n"
    + "".join(f"def f{n}(x):\n    f{n + 1}(x)\n" for n in range(600))
    + "def f600(x):\n    AutoModel.from_pretrained(x)\n",
}


@pytest.mark.parametrize("case", DEEP)
def test_what_goes_deep_ends(case: str, root: Path) -> None:
    (root / "deep.py").write_text(DEEP[case])
    assert [one.model for one in scan(root).found] == ["acme/good"]


SETTINGS = {
    "deep.json": "[" * 100_000,
    "deep.yaml": "- " * 50_000 + "a",
    "flow.yaml": "[" * 100_000,
    "deep.toml": "a = " + "[" * 5_000,
    "laughs.yaml": "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a]\n" for n in range(3)) + "c: [\n",
    "tab.yaml": "a:\n\t- b\n",
    "cut.json": '{"a": "b',
    "half.json": '{"a": ["b"}',
    "twice.toml": "a = 1\na = 2\n",
    "text.ipynb": "this is no notebook",
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_that_are_none_are_told(name: str, root: Path) -> None:
    mark = "// base_model\n" if name.endswith((".json", ".ipynb")) else "# base_model\n"
    (root / name).write_text(mark + SETTINGS[name])
    assert why(root, name)


def test_an_escape_hides_no_key(root: Path) -> None:
    (root / "a.json").write_text(json.dumps({"base_model": "acme/hidden"}).replace("m", "\\u006d"))
    assert {one.model for one in scan(root).found} == {"acme/good", "acme/hidden"}


def test_many_aliases_end(root: Path) -> None:
    rows = "base_model: x\na0: &a0 [x]\n" + "".join(
        f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(40)
    )
    (root / "laughs.yaml").write_text(rows)
    assert scan(root).unread == ()


def test_a_file_over_the_limit_is_told_and_not_read(root: Path) -> None:
    with (root / "huge.py").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    assert why(root, "huge.py") == "104.9 MB, over the limit of 2.1 MB"


def test_a_binary_file_is_told(root: Path) -> None:
    (root / "a.json").write_bytes(b"\x7fELF\x00\x00\x01")
    assert why(root, "a.json") == "it is binary"


def test_links_are_told_and_not_followed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "x.py").write_text(GOOD.replace("good", "outside"))
    (root / "a").mkdir()
    (root / "a" / "loop").symlink_to(root, target_is_directory=True)
    (root / "b").symlink_to(outside, target_is_directory=True)
    (root / "c.py").symlink_to(outside / "x.py")
    (root / "d.py").symlink_to(root / "d.py")
    (root / "e.py").symlink_to("good.py")
    assert why(root, "c.py") == why(root, "d.py") == "a link, which is not followed"
    assert "e.py" not in {one.path for one in scan(root).unread}  # what it leads to is read


def test_a_pipe_is_told_and_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "pipe.py")
    assert why(root, "pipe.py") == "it is no plain file"


def test_folders_without_end_are_told(root: Path) -> None:
    (root / "/".join(["d"] * 70)).mkdir(parents=True)
    (root / "/".join(["d"] * 70) / "x.py").write_text(GOOD)
    assert why(root, "/".join(["d"] * 61)) == "it lies in too many folders"


def test_more_files_than_the_bound_are_told(root: Path) -> None:
    for number in range(5):
        (root / f"z{number}.py").write_text("")
    adopted = scan(root, limits=Limits(files=3))
    assert ("", "more than 3 files: name a folder in it") in [(one.path, one.why) for one in adopted.unread]


def test_names_of_files_may_be_anything(root: Path) -> None:
    for name in ("\x1b[31m.py", "a b.py", "-rf.py", "ä.py", "%s.py", "::error::x.py"):
        (root / name).write_text(GOOD.replace("good", "odd"))
    found = scan(root).found
    assert len(found) == 7
    assert {one.model for one in found} == {"acme/good", "acme/odd"}


@pytest.mark.parametrize("name", ["nowhere", "a\x00b", "x" * 5000])
def test_a_path_that_is_none_is_wrong_usage(name: str, root: Path) -> None:
    with pytest.raises(UsageError, match="is not there"):
        scan(root / name)


PIECES = (
    *("from transformers import AutoModel, pipeline\n", "AutoModel.from_pretrained(", "'acme/x'", ")", "\n", "    "),
    *("f'{a}/", "a = ", "a", "{", "}", "[", "]", ":", "def f(a='acme/y'):\n", "class A:\n", "if a:\n", "revision="),
    *("os.environ[", "'", "vllm serve ", "$", "${", "$(", "`", '"', "\\", "<<EOF\n", "EOF\n", "FROM ", "RUN ", "CMD ["),
    *("ENV MODEL_ID=", "---\n", "model_id: ", "- ", "&a ", "*a", "{{ .Values.x }}", "hf.co/acme/z:Q4", "hf://"),
    *(
        "https://huggingface.co/",
        "/resolve/",
        '{"cells": [{"cell_type": "code", "source": ["',
        '"]}]}',
        "!hf download ",
    ),
    *("%%bash\n", "args: [--model", "#", "\x00", "\t", "for m in ", "do ", "done", "'''", "é", "\u2028", "\r", "="),
    *("[[a]]\n", "for x in a: pass\n", "a += a\n", "lambda a: a("),
)
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=40).map("".join)


@TRIES
@given(name=st.sampled_from(KINDS), text=texts)
def test_any_words_are_read(name: str, text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("any")
    (root / name).write_text(text, encoding="utf-8", newline="")
    held(root, name)


SEEDS = [
    path.read_bytes()
    for path in sorted((Path(__file__).parent / "scan").rglob("*"))
    if path.is_file() and "forms.yaml" not in path.name
]


@TRIES
@given(name=st.sampled_from(KINDS), data=broken(*SEEDS))
def test_any_bytes_are_read(name: str, data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("any")
    (root / name).write_bytes(data)
    held(root, name)


def held(root: Path, name: str) -> None:
    adopted = scan(root)
    for one in (*adopted.found, *adopted.unresolved):
        lines = (root / name).read_bytes().decode("utf-8", "replace").replace("\r\n", "\n").count("\n") + 1
        assert one.spot.path == name
        assert 1 <= one.spot.line <= lines + 1
        assert one.spot.column >= 1
    assert all(kind_of(one.path) for one in adopted.unread)
