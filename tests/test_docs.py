"""The documents hold what they promise: commands run, options exist, tables are the program's."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest
from hub.server import LoopbackHub
from program import ROOT, commands, osaudit, run

from osaudit import __version__
from osaudit.cli import cli
from osaudit.cli.demo import load_records
from osaudit.cli.settings import find
from osaudit.cli.strict import default_map
from osaudit.render import FORMAT_BY_SUFFIX, RENDERERS

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md"))}
DOCS = "\n".join([README, *PAGES.values()])
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
ALL = commands(cli)
OPTIONS = {name for command in ALL.values() for option in command.params for name in option.opts}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def calls(text: str) -> list[list[str]]:
    """The lines of a document's shell blocks that call the program."""
    lines = [line for block in blocks(text, "sh") for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("osaudit ")]


def test_the_help_is_the_programs(tmp_path: Path) -> None:
    assert blocks(README, "text") == [osaudit("--help", cwd=tmp_path).stdout]


def test_every_command_is_told() -> None:
    untold = [path for path in ALL if not re.search(rf"`[^`\n]*\b{path[-1]}\b[^`\n]*`", PAGES["commands.md"])]
    assert not untold


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *(f"docs/{page}" for page in PAGES)])
def test_no_option_is_told_that_is_not_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "osaudit" in line or "--fail" in line]
    told = {option for line in lines for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line)}
    assert told <= OPTIONS | {"--help", "--version", "--corpus"}


def test_every_option_says_what_it_does() -> None:
    silent = [
        (path, option.name)
        for path, command in ALL.items()
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert not silent


RUN = ("README.md", "may.md", "definitions.md", "bom.md", "gate.md")
"""The documents whose commands are tried, each in a folder of its own, in the order in which they stand."""


@pytest.mark.parametrize("name", RUN)
def test_the_commands_of_a_document_run(name: str, corpus_hub: LoopbackHub, tmp_path: Path) -> None:
    found = calls(README if name == "README.md" else PAGES[name])
    for file, text in re.findall(r"^```yaml (\S+)\n(.*?)^```$", PAGES.get(name, ""), re.MULTILINE | re.DOTALL):
        (tmp_path / file).write_text(text, encoding="utf-8")
    if name == "definitions.md":  # the evidence that README's own commands leave
        assert osaudit("collect", "mistralai/Mistral-7B-v0.1", "-o", "evidence.json", cwd=tmp_path).returncode == 0
    for call in found:
        done = osaudit(*call, cwd=tmp_path)
        assert done.returncode == 0, f"{call}: {done.stderr}"
        for output in (call[at + 1] for at, word in enumerate(call) if word == "-o"):
            assert output == "-" or (tmp_path / output).stat().st_size > 0, output
    assert corpus_hub.counts()


def test_the_settings_are_options(tmp_path: Path) -> None:
    [text] = blocks(PAGES["settings.md"], "toml")
    (tmp_path / "osaudit.toml").write_text(text)
    for command, settings in default_map(find(tmp_path), cli, click.Context(cli)).items():
        known = {option.name: option for option in ALL[command,].params}
        for name, value in settings.items():
            assert f"--{name.replace('_', '-')}" in OPTIONS
            assert name in known or name.removesuffix("s") in known, name
            assert isinstance(value, tuple) == known[name].multiple
    assert tomllib.loads(text)


def test_settings_in_the_table_gate(corpus_hub: LoopbackHub, tmp_path: Path) -> None:
    [text] = blocks(PAGES["settings.md"], "toml")
    (tmp_path / "osaudit.toml").write_text(text)
    done = osaudit("audit", "Qwen/Qwen2.5-3B-Instruct", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "not met" in done.stderr
    assert corpus_hub.counts()


def test_the_formats_are_the_programs() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\.\w+)` \|", PAGES["settings.md"], re.MULTILINE)
    assert {form for form, _ in rows} == set(RENDERERS)
    assert all(FORMAT_BY_SUFFIX[suffix] == form for form, suffix in rows)


def test_the_two_commands_are_the_makefiles() -> None:
    [first, *_] = blocks(README, "sh")
    for line in first.splitlines():
        planned = run("make", "--dry-run", *line.split()[1:], cwd=ROOT)
        assert planned.returncode == 0, planned.stderr
    assert "lint-imports" in run("make", "--dry-run", "test", cwd=ROOT).stdout
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", *(f"docs/{page}" for page in PAGES)])
def test_what_is_linked_or_named_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    linked = re.findall(r"\]\((?!https?://)([^)#]+)", text)
    named = re.findall(r"`((?:osaudit|criteria|reports|tests|benchmarks|\.ci)/[\w./-]+)`", text)
    beside = (ROOT / name).parent
    assert [one for one in linked if not (beside / one).exists()] == []
    assert [one for one in named if not (ROOT / one).exists()] == []


def test_the_demo_holds_as_many_models_as_the_readme_says() -> None:
    words = {8: "eight", 9: "nine", 10: "ten"}[len(load_records())]
    assert f"audits {words} recorded models" in README
    assert f"{words} recorded models" in CHANGELOG


def test_the_changelog_tells_this_version() -> None:
    assert f"\n## {__version__}\n" in CHANGELOG


def test_the_licence_is_the_standard_text() -> None:
    lines = (ROOT / "LICENSE").read_text(encoding="utf-8").split("\n")
    assert [line.strip() for line in lines if line.strip()][:2] == ["Apache License", "Version 2.0, January 2004"]
    assert len(lines) > 195
