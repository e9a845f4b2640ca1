"""Whole audits of odd and hostile folders: the right code, one report, and nothing of a stranger's rendered raw."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from osaudit.cli import run

RAW = "\x1b\x07\x00\x9b\u202e\u2066"
STRANGE = [
    "null", "5", "[[mit], [apache-2.0]]", "{a: b}", ".nan", "yes", "2020-01-01", "[]", "[mit, cc-by-nc-4.0]",
    "!!binary aGVsbG8=", '!!python/object/apply:os.system ["true"]', '"\\e[31m\\u202e<script>alert(1)</script>"',
    '"\\ud800"', "../../etc/passwd", "x" * 5_000,
]  # fmt: skip
KEYS = (
    *("license", "licence", "license_name", "license_link", "base_model", "datasets", "tags", "language"),
    *("library_name", "pipeline_tag", "extra_gated_prompt", "extra_gated_fields", "extra_gated_eu_disallowed"),
)
CARDS: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("UTF-16", "---\nlicense: mit\n---\n# \u00dc\n".encode("utf-16")),
    ("Latin 1", b"---\nlicense: mit\n---\n# \xdc\n"),
    ("no text", bytes(range(256)) * 20),
    ("a list", b"---\n- a\n---\n"),
    ("a scalar", b"---\nhello\n---\n"),
    ("an anchor in itself", b"---\na: &a [*a]\nlicense: mit\n---\n"),
    ("endless links", b"---\nlicense: mit\n---\n" + b"[a](" * 50_000),
    ("endless tags", b"---\nlicense: mit\n---\n" + b"<a " * 50_000 + b"*_`" * 50_000),
    ("one long word", b"---\nlicense: mit\n---\n" + b"a" * 3_000_000),
    ("controls", "---\nlicense: mit\n---\n# \x1b[31m\u202e\n\n\x1b]0;x\x07 Do not \x1b[2J sell it.\n".encode()),
    *((f"every key is {value[:24]}", "---\n{}---\n# X\n".format("".join(f"{key}: {value}\n" for key in KEYS)).encode())
      for value in STRANGE),
]  # fmt: skip


def audited(folder: Path, capsys: pytest.CaptureFixture[str], form: str) -> tuple[int, str]:
    code = run(["audit", str(folder), "--format", form])
    told = capsys.readouterr()
    return code, told.out + told.err


@pytest.mark.parametrize(("name", "card"), CARDS, ids=[name for name, _ in CARDS])
def test_any_card_gets_a_report(name: str, card: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "README.md").write_bytes(card)
    (folder / "model.safetensors").write_bytes(b"\0" * 16)
    (folder / "LICENSE").write_text("\x1b[2J<script>alert(2)</script> You may not use it commercially. \u202e")
    for form in ("text", "html", "markdown"):
        code, told = audited(folder, capsys, form)
        assert code in {0, 3}, (name, told[:500])
        assert not [sign for sign in RAW if sign in told], (name, form)
        assert "<script>alert" not in told or form != "html"


def test_names_that_no_terminal_should_see(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a\x1b[31m.safetensors", "rtl\u202etxt.bin", "new\nline.bin", "LICENSE\x1b]0;x\x07", "-rf.bin", "..."):
        (tmp_path / name).write_text("MIT License")
    (tmp_path / "README.md").mkdir()
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "NOTICE").symlink_to("/dev/zero")
    code, told = audited(tmp_path, capsys, "text")
    assert code in {0, 3}
    assert not [sign for sign in RAW if sign in told]


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    for key, held in inner:
        yield from spots(held, (*path, key))


def changed(value: Any, path: tuple[Any, ...], new: object) -> Any:
    if not path:
        return new
    made = copy.deepcopy(value)
    held = made
    for key in path[:-1]:
        held = held[key]
    held[path[-1]] = new
    return made


BAD: list[object] = [
    None, 5, -1, "x", "", [], {}, [[]], True, "\x1b[31m\u202e<script>", "x" * 100_000, 10**400, float("nan"), "\ud800",
]  # fmt: skip


def test_damaged_evidence_and_scorecards_end_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "README.md").write_text("---\nlicense: mit\nbase_model: a/b\n---\n# X\n")
    evidence, scorecard, file = tmp_path / "evidence.json", tmp_path / "card.json", tmp_path / "file.json"
    assert run(["collect", str(tmp_path / "model"), "-o", str(evidence)]) == 0
    assert run(["judge", str(evidence), "-o", str(scorecard)]) == 0
    chance = random.Random(7)  # noqa: S311 - the same spots each time
    for good, command in ((evidence, "judge"), (scorecard, "report")):
        text = good.read_text(encoding="utf-8")
        whole = json.loads(text)
        cases = [text[: len(text) // 2], "", "[" * 100_000, "null", text + "x"]
        places = list(spots(whole))
        cases += [json.dumps(changed(whole, path, chance.choice(BAD))) for path in chance.sample(places, 40)]
        capsys.readouterr()
        for case in cases:
            file.write_text(case, encoding="utf-8")
            code = run([command, str(file)])
            told = capsys.readouterr()
            assert code in {0, 2, 3}, (command, case[:200])
            assert code == 0 or (told.err.count("\n") == 1 and len(told.err) < 1_000), told.err[:500]
            assert not [sign for sign in RAW if sign in told.err]
