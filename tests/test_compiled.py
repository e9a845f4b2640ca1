"""What the program starts from: the same as its sources would give, and never used where these were changed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from program import ROOT

from osaudit import compiled, yamlfile
from osaudit.compiled import Code, regex

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole file, made from the checkout."""
    path = tmp_path_factory.mktemp("prepared") / "compiled.bin"
    command = [sys.executable, "-m", "osaudit.prepare", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A file of its own that is read and written; nothing is kept in it yet."""
    path = tmp_path / "compiled.bin"
    monkeypatch.setattr(compiled, "_beside_byte_code", lambda: path)
    monkeypatch.setattr(compiled, "shipped", lambda: tmp_path / "none.bin")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(compiled.atexit, "register", lambda _: None)
    compiled._kept.cache_clear()
    regex.cache_clear()
    yield path
    compiled._kept.cache_clear()
    regex.cache_clear()


def _again() -> None:
    """Start anew, from what was kept."""
    compiled.keep()
    compiled._kept.cache_clear()
    regex.cache_clear()


def test_every_expression_is_what_python_compiles(prepared: Path, kept: Path) -> None:
    kept.write_bytes(prepared.read_bytes())
    keys = compiled._kept().file.expressions
    assert len(keys) > 900
    for key in keys:
        flags, _, pattern = key.partition(" ")
        ours, theirs = regex(pattern, int(flags)), re.compile(pattern, int(flags))
        assert ours == theirs, pattern
        assert (ours.groups, ours.groupindex, ours.flags) == (theirs.groups, theirs.groupindex, theirs.flags)
    assert not compiled._kept().codes, "each was there"


def test_what_is_made_from_nothing_with_other_hashes_is_the_same_to_the_byte(prepared: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.bin"
    command = [sys.executable, "-X", f"pycache_prefix={tmp_path}", "-m", "osaudit.prepare", str(fresh)]
    hashes = {"PYTHONHASHSEED": "7"}  # those of another process: what is put together from a set has to be sorted
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **hashes}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(orjson.loads(fresh.read_bytes().partition(b"\n")[0])["tables"]) > 15
    assert fresh.read_bytes() == prepared.read_bytes()


def test_an_expression_is_compiled_once(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = regex("(?P<a>sparrow)|wren", re.IGNORECASE)
    _again()
    monkeypatch.setattr(compiled, "_compile", lambda *_: pytest.fail("it is kept"))
    again = regex("(?P<a>sparrow)|wren", re.IGNORECASE)
    assert again == first
    found = again.search("a WREN, a Sparrow")
    assert found
    assert (found.group(), again.groupindex) == ("WREN", {"a": 1})
    assert kept.exists()


def test_an_edited_table_is_noticed(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yamlfile, "data_path", tmp_path.joinpath)
    (tmp_path / "criteria").mkdir()
    table = tmp_path / "criteria" / "birds.yaml"
    for words in ("birds: [sparrow]", "birds: [wren]", "birds: [sparrow]"):
        table.write_text(words)
        assert yamlfile.own_table("birds.yaml") == {"birds": [words[8:-1]]}
        _again()
        monkeypatch.setattr(yamlfile, "parse_yaml", yamlfile.parse_yaml)
    monkeypatch.setattr(yamlfile, "parse_yaml", lambda *_, **__: pytest.fail("it is kept"))
    assert yamlfile.own_table("birds.yaml") == {"birds": ["sparrow"]}
    assert kept.exists()


def _with_head(data: bytes, **changed: object) -> bytes:
    head, _, rest = data.partition(b"\n")
    return orjson.dumps({**orjson.loads(head), **changed}) + b"\n" + rest


DAMAGE = {
    "it is of other modules": lambda data: _with_head(data, stamp="another Python, or other modules"),
    "it was cut": lambda data: data[: len(data) // 2],
    "it is empty": lambda _: b"",
    "it is no mapping": lambda _: b"[]",
    "its list is elsewhere": lambda data: _with_head(data, expressions=1, blocks=len(data)),
    "its list is no list": lambda data: data.replace(b"\n", b"\nx")[: len(data)],
    "its list has no length": lambda data: _with_head(data, expressions=None),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_file_that_does_not_fit_is_not_used(damage: str, kept: Path) -> None:
    regex("wren")
    _again()
    assert compiled._kept().file.expressions
    kept.write_bytes(DAMAGE[damage](kept.read_bytes()))
    compiled._kept.cache_clear()
    regex.cache_clear()
    assert not compiled._kept().file.expressions
    assert regex("wren").search("a wren")


def test_code_that_is_damaged_is_made_anew(kept: Path) -> None:
    regex("wren")
    _again()
    data = kept.read_bytes()
    kept.write_bytes(data[:-6] + bytes(6))
    compiled._kept.cache_clear()
    regex.cache_clear()
    assert compiled._kept().file.expressions
    assert regex("wren") == re.compile("wren")
    _again()
    assert kept.read_bytes() == data


def test_nothing_is_written_where_python_writes_nothing(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    regex("wren")
    compiled.keep()
    assert not kept.exists()


def test_a_folder_that_cannot_be_written_is_no_trouble(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_beside_byte_code", lambda: kept / "below" / "a" / "file")
    kept.write_text("")
    regex("wren")
    compiled.keep()
    assert kept.read_text() == ""


def test_code_is_kept_word_by_word() -> None:
    assert isinstance(compiled._compile("(a)(?P<b>c)", 0), Code)
    assert compiled._compile("(a)(?P<b>c)", 0).names == {"b": 2}


def test_a_python_that_takes_no_code_compiles_as_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise TypeError("another signature")

    monkeypatch.setattr("osaudit.compiled._made", refuse)
    found = regex.__wrapped__(r"(?i)(?P<word>ab+)c", 0)
    assert found.groupindex == {"word": 1}
    assert found.fullmatch("ABBC")
