"""Strangers' words on every channel: nothing moves a cursor, turns text around, or gives a log's reader an order."""

from __future__ import annotations

import json
import logging
import os
import pty
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hub.repos import Weights
from hub.server import LoopbackHub

from osaudit.cli import cli
from osaudit.cli import run as run_here
from osaudit.cli.looking import Looking, set_up_log
from osaudit.cli.probing import _progress
from osaudit.render import RENDERERS
from osaudit.render.neutral import lines, said

WORDS = (
    "::error file=a::x",
    "\n::error::x",
    "\r::stop-commands::t",
    "x\n  ::set-output name=a::b",
    "##[error]x",
    "##vso[task.setvariable variable=a]x",
    "\x1b]0;title\x07",
    "\x1b[2J\x1b[1;1H",
    "\x9b2J\x85::error::x",
    "\u202etxt\u2066::x\u2028::error::y",
)
_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_ORDER = re.compile(r"^[^\S\n]*::|##\w*\[", re.MULTILINE)
WEIGHTS = b"\x02\0\0\0\0\0\0\0{}"


def harmless(text: str) -> bool:
    return not _RAW.search(text.replace("\r\n", "\n")) and not _ORDER.search(text)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def called(*arguments: str) -> Callable[[str], None]:
    """A call of the program with the word at WORD."""

    def call(word: str) -> None:
        run_here([argument.replace("WORD", word) for argument in arguments])

    return call


def with_settings(text: Callable[[str], str]) -> Callable[[str], None]:
    def call(word: str) -> None:
        Path("osaudit.toml").write_text(text(word), encoding="utf-8")
        run_here(["criteria", "list"])

    return call


def with_file(text: Callable[[str], str], *arguments: str, name: str = "file.json") -> Callable[[str], None]:
    def call(word: str) -> None:
        Path(name).write_text(text(word), encoding="utf-8")
        run_here([argument.replace("FILE", name) for argument in arguments])

    return call


def _folder(word: str) -> None:
    """A model whose folder, files, names and tags are all the word."""
    folder = Path(f"./{word}")
    folder.mkdir()
    quoted = json.dumps(word)
    front = (
        f"license: other\nlicense_name: {quoted}\nlicense_link: {quoted}\nbase_model: {quoted}\ndatasets: [{quoted}]"
    )
    card = f"---\n{front}\nlibrary_name: {quoted}\n---\n# {word}\n\n## {word}\n\nNot for commercial use {word}.\n"
    (folder / "README.md").write_text(card, encoding="utf-8")
    (folder / f"LICENSE{word}.md").write_text(f"{word} You may not use it {word} for any commercial purpose.\n" * 40)
    (folder / f"{word}.safetensors").write_bytes(WEIGHTS)
    (folder / "config.json").write_text(
        json.dumps({"model_type": word, "architectures": [word], "_name_or_path": word})
    )


def drawn(form: str) -> Callable[[str], None]:
    def call(word: str) -> None:
        _folder(word)
        run_here(["audit", f"./{word}", "-f", form, "-v", "--fail-on", "all"])
        run_here(["audit", f"./{word}", "-f", form, "-v", "--fail-under", "100"])

    return call


def of_the_folder(*arguments: str) -> Callable[[str], None]:
    def call(word: str) -> None:
        _folder(word)
        run_here([argument.replace("WORD", f"./{word}") for argument in arguments])

    return call


def bug(word: str) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError(word)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "main", broken)
        patch.setenv("OSAUDIT_DEBUG", "1")
        run_here(["audit", "a/b", "-f", "json"])


def environment(word: str) -> None:
    for name in ("HF_ENDPOINT", "OSAUDIT_CACHE", "HF_TOKEN_PATH"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(name, f"{word}/x")
            run_here(["audit", "acme/tiny", "--timeout", "1"])


def logged(word: str) -> None:
    set_up_log(Looking(verbose=True))
    logging.getLogger("osaudit.sources.hub").warning("GET %s", word)


def saved(word: str) -> None:
    _folder(word)
    run_here(["collect", f"./{word}"])
    run_here(["collect", f"./{word}", "-o", "evidence.json"])
    run_here(["judge", "evidence.json"])
    run_here(["judge", "evidence.json", "-o", "card.json"])
    for command in (["report", "card.json"], ["verify", "card.json"], ["verify", "evidence.json"]):
        run_here(command)
    run_here(["mof", "evidence.json"])
    run_here(["mof", "evidence.json", "-f", "json"])
    for form in ("spdx-2.3-json", "spdx-2.3-yaml", "spdx-3.0.1", "cyclonedx-1.7"):
        run_here(["bom", "--evidence", "evidence.json", "--format", form])
    run_here(["bom", "--evidence", "evidence.json", "--check"])


CHANNELS: dict[str, Callable[[str], None]] = {
    "an id": called("audit", "aWORD/b"),
    "an id, as JSON": called("audit", "aWORD/b", "-f", "json"),
    "a revision": called("audit", "a/b@WORD"),
    "an address": called("collect", "https://huggingface.co/WORD"),
    "a command": called("WORD"),
    "an option": called("audit", "a/b", "--WORD"),
    "a format": called("audit", "a/b", "-f", "WORD"),
    "a criterion": called("audit", "a/b", "--fail-on", "WORD"),
    "a pack": called("criteria", "list", "--pack", "WORD"),
    "a cell": called("criteria", "explain", "WORD"),
    "a licence": called("licence", "show", "WORD"),
    "a file": called("judge", "WORD"),
    "an output": called("audit", "a/b", "-o", "WORD/x.html"),
    "a folder that is not there": called("audit", "./noWORD"),
    "settings": called("criteria", "list", "--config", "WORD"),
    "a table of the settings": with_settings(lambda word: f"[{json.dumps(word)}]\nx = 1\n"),
    "a key of the settings": with_settings(lambda word: f"[audit]\n{json.dumps(word)} = 1\n"),
    "a value of the settings": with_settings(lambda word: f"[audit]\nmin-label = {json.dumps(word)}\n"),
    "settings that are no TOML": with_settings(lambda word: f"[audit]\nx = {word}\n"),
    "evidence that is none": with_file(lambda word: json.dumps({"schema": word}), "judge", "FILE"),
    "evidence that is no JSON": with_file(lambda word: word, "judge", "FILE"),
    "a scorecard that is none": with_file(
        lambda word: json.dumps({"schema": word, "verdicts": word}), "report", "FILE"
    ),
    "a model that was not judged": with_file(
        lambda word: json.dumps([{"model": word, "error": {"message": word}}]), "report", "FILE"
    ),
    "an inventory": with_file(lambda word: f"release: {{name: {json.dumps(word)}}}\n", "mof", "FILE", name="i.yml"),
    "a bill of materials": with_file(lambda word: json.dumps({"bomFormat": word}), "audit-bom", "FILE"),
    "a text": with_file(lambda word: f"{word} MIT License {word}\n", "licence", "identify", "FILE", name="t.txt"),
    "a text, as JSON": with_file(
        lambda word: f"{word} not for commercial use {word}\n",
        "licence",
        "identify",
        "FILE",
        "-f",
        "json",
        name="t.txt",
    ),
    **{f"a report as {form}": drawn(form) for form in RENDERERS},
    "lineage": of_the_folder("lineage", "WORD"),
    "lineage as a graph": of_the_folder("lineage", "WORD", "-f", "mermaid"),
    "a comparison": of_the_folder("diff", "WORD", "WORD"),
    "a probe": of_the_folder("probe", "WORD"),
    "a probe, as JSON": of_the_folder("probe", "WORD", "-f", "json"),
    "what is saved": saved,
    "an exception": bug,
    "the environment": environment,
    "the log": logged,
}


@pytest.mark.parametrize("channel", CHANNELS)
def test_words_are_harmless_on_every_channel(
    channel: str, hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for number, word in enumerate(WORDS):
        place = tmp_path / str(number)
        place.mkdir()
        monkeypatch.chdir(place)
        CHANNELS[channel](word)
        out, err = capfd.readouterr()
        assert out or err, repr(word)
        assert harmless(out), (word, [line for line in out.splitlines() if not harmless(line)][:3])
        assert harmless(err), (word, err[:500])
    assert hub.endpoint


@pytest.mark.parametrize("word", [word for word in WORDS if word.isascii() and "\n" not in word and "\r" not in word])
def test_what_the_hub_says_is_harmless(word: str, hub: LoopbackHub, capfd: pytest.CaptureFixture[str]) -> None:
    hub.add_model("acme/tiny", {"README.md": "# A model\n", "model.safetensors": Weights()})
    hub.fault("api/models/acme/tiny", status=403, headers={"X-Error-Message": f"no {word}"})
    assert run_here(["audit", "acme/tiny", "-f", "json", "-v"]) == 3
    out, err = capfd.readouterr()
    assert json.loads(out)["error"]["exit"] == 3
    assert harmless(out)
    assert harmless(err)


@pytest.mark.parametrize("word", WORDS)
def test_progress_on_a_terminal_is_harmless(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb") as reader, os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        _progress(quiet=False)(word, 100, 100)
        terminal.flush()
        shown = os.read(reader.fileno(), 4096).decode()
    monkeypatch.undo()
    assert harmless(shown.replace("\r\x1b[K", "").replace("\r\n", "\n")), shown


@pytest.mark.parametrize("word", WORDS)
def test_the_two_functions_keep_what_can_be_read(word: str) -> None:
    assert harmless(said(word))
    assert harmless(lines(word))
    readable = re.sub(r"[^a-z]", "", word)
    assert re.sub(r"[^a-z]", "", lines(word)) == readable


def test_nothing_is_told_but_through_them() -> None:
    """Whoever writes to stderr by another way has to make strangers' words printable again."""
    folder = Path(sys.modules["osaudit.cli"].__file__ or "").parent
    own = re.compile(r"echo\(.*err=True|print_exc|sys\.stderr\.write|print\(")
    found = [path.name for path in folder.glob("*.py") if own.search(path.read_text(encoding="utf-8"))]
    assert found == ["saying.py"]
