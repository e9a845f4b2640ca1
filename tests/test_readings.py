"""Readings that are kept: believed under this machine's seal alone, and only of the same files by the same program."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hub.server import LoopbackHub

from osaudit.audit import Looking, collect_evidence
from osaudit.cli import run
from osaudit.codec import dump
from osaudit.evidence import Evidence
from osaudit.sources import readings, sealing
from osaudit.sources.readings import MAX_STATES, open_readings, unread
from osaudit.sources.sealing import KEY_BYTES

CARD = "---\nlicense: {}\n---\n# A model\n\nMade from scratch.\n"
FILES: dict[str, Any] = {"model.safetensors": b"\x02\0\0\0\0\0\0\0{}", "config.json": '{"model_type": "tiny"}'}
NAME = "acme/tiny"


@pytest.fixture
def cache() -> Path:
    return Path(os.environ["OSAUDIT_CACHE"])


@pytest.fixture
def state() -> Path:
    return Path(os.environ["OSAUDIT_STATE"])


@pytest.fixture
def model(hub: LoopbackHub) -> LoopbackHub:
    hub.add_model(NAME, {"README.md": CARD.format("cc-by-nc-4.0"), **FILES})
    return hub


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The repositories that are read anew."""
    from osaudit.reading import whole  # noqa: PLC0415 - patched where it is found

    told: list[str] = []
    before = whole.read_snapshot

    def read(snapshot: Any, **settings: Any) -> Evidence:
        told.append(snapshot.ref.repo)
        return before(snapshot, **settings)

    monkeypatch.setattr("osaudit.reading.read_snapshot", read)
    return told


def look(**settings: Any) -> str:
    return _timeless(collect_evidence(NAME, Looking(**settings)))


def _timeless(evidence: Evidence) -> str:
    data = json.loads(dump(evidence))
    assert data.pop("collected_at")
    return json.dumps({**data, "source": "hub"})


def kept(cache: Path) -> list[Path]:
    return sorted((cache / "readings").rglob("*.json"))


@pytest.mark.usefixtures("model")
def test_what_was_read_is_not_read_again(reads: list[str], cache: Path, state: Path) -> None:
    first = look()
    assert (reads, len(kept(cache))) == ([NAME], 1)
    assert look() == first
    assert reads == [NAME]
    assert (state / "reading.key").stat().st_mode & 0o777 == 0o600
    assert len((state / "reading.key").read_bytes()) == KEY_BYTES


@pytest.mark.usefixtures("model")
def test_a_second_audit_prints_the_same(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764500000")
    told = []
    for arguments in ([], [], ["--no-cache"]):
        assert run(["audit", NAME, "--format", "json", "--pack", "all", *arguments]) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1] == told[2]


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("change", [(b"cc-by-nc-4.0", b"apache-2.0"), (b'"seen"', b'"sean"'), (b"\n", b" \n")])
def test_a_changed_reading_is_left_aside(
    reads: list[str], cache: Path, capsys: pytest.CaptureFixture[str], change: tuple[bytes, bytes]
) -> None:
    first = look()
    (path,) = kept(cache)
    whole = path.read_bytes()
    assert change[0] in whole
    path.write_bytes(whole.replace(*change))
    assert run(["audit", NAME, "--fail-on", "OSD-6"]) == 1
    assert "was changed, and is left aside" in capsys.readouterr().err
    assert look() == first
    assert reads == [NAME, NAME]
    assert path.read_bytes() == whole


def test_a_reading_of_another_model_is_not_believed(hub: LoopbackHub, reads: list[str], cache: Path) -> None:
    for name, tag in (("acme/open", "apache-2.0"), (NAME, "cc-by-nc-4.0")):
        hub.add_model(name, {"README.md": CARD.format(tag), **FILES})
    collect_evidence("acme/open", Looking())
    (theirs,) = kept(cache)
    first = look()
    (ours,) = set(kept(cache)) - {theirs}
    ours.write_bytes(theirs.read_bytes())
    assert look() == first
    assert reads == ["acme/open", NAME, NAME]


@pytest.mark.usefixtures("model")
def test_another_machines_seal_is_not_believed(reads: list[str], cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = look()
    monkeypatch.setenv("OSAUDIT_STATE", os.environ["OSAUDIT_STATE"] + "-of-another")
    assert look() == first
    assert reads == [NAME, NAME]
    assert len(kept(cache)) == 2


def test_other_files_are_read_anew(model: LoopbackHub, reads: list[str]) -> None:
    first = look()
    repo = model.shelf.repos["model", NAME]
    model.shelf.commit(repo, {"README.md": CARD.format("mit"), **FILES})
    second = look()
    assert (first != second, reads) == (True, [NAME, NAME])


@pytest.mark.usefixtures("model")
def test_another_state_of_the_program_reads_anew_and_old_ones_go(
    reads: list[str], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = look()
    for number in range(MAX_STATES + 2):
        stamp = f"{number}".ljust(64, "0")
        monkeypatch.setattr(readings, "_stamp", lambda stamp=stamp: stamp)
        readings._opened.cache_clear()
        assert look() == first
    readings._opened.cache_clear()
    assert reads == [NAME] * (MAX_STATES + 3)
    assert len(list((cache / "readings").iterdir())) == MAX_STATES


def test_every_file_that_reads_is_in_the_programs_state(tmp_path: Path) -> None:
    for name in ("a.py", "b.yaml"):
        (tmp_path / name).write_text("x", "utf-8")
    before = set(readings._states(tmp_path))
    assert len(before) == 2
    (tmp_path / "a.py").write_text("y", "utf-8")
    assert len(before & set(readings._states(tmp_path))) == 1
    told = {line.split(" ")[0] for line in readings._states(Path(readings.__file__).parents[1])}
    assert {"whole.py", "reader.py", "readings.py"} <= {Path(path).name for path in told}
    assert any(line.startswith("orjson-") for line in readings._installed())


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("kind", ["for all to read", "a link", "too short", "a folder", "in the cache", "no folder"])
def test_a_key_that_is_not_the_owners_alone_keeps_nothing(
    reads: list[str], cache: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    state.mkdir()
    key = state / "reading.key"
    match kind:
        case "for all to read":
            key.write_bytes(b"k" * KEY_BYTES)
            key.chmod(0o644)
        case "a link":
            (tmp_path / "key").write_bytes(b"k" * KEY_BYTES)
            (tmp_path / "key").chmod(0o600)
            key.symlink_to(tmp_path / "key")
        case "too short":
            key.write_bytes(b"k")
            key.chmod(0o600)
        case "a folder":
            key.mkdir()
        case "in the cache":
            monkeypatch.setenv("OSAUDIT_STATE", str(cache / "state"))
        case _:
            monkeypatch.setenv("OSAUDIT_STATE", "/dev/null/state")
    assert open_readings(cache) is None
    assert look() == look()
    assert (reads, kept(cache)) == ([NAME, NAME], [])


def test_of_two_that_make_a_key_the_first_ones_stays(tmp_path: Path) -> None:
    path = tmp_path / "reading.key"
    sealing._make_key(path)
    first = path.read_bytes()
    sealing._make_key(path)
    assert path.read_bytes() == first
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("model")
def test_without_a_cache_nothing_is_kept(reads: list[str], cache: Path, state: Path) -> None:
    assert look(no_cache=True) == look(no_cache=True)
    assert (reads, kept(cache), state.exists()) == ([NAME, NAME], [], False)


@pytest.mark.usefixtures("model")
def test_what_is_known_needs_no_processes() -> None:
    assert unread([NAME, "acme/other"], no_cache=False) == 2
    look()
    assert unread([NAME, "acme/other", "./folder", "no name"], no_cache=False) == 3
    assert unread([NAME], no_cache=True) == 1
