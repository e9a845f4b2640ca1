"""Fixtures for all tests: a clean environment, the loopback Hub, and the recorded material where it is present."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # before any test imports huggingface_hub

from githost import GitHost
from hub.corpus import CorpusShelf
from hub.server import LoopbackHub

settings.register_profile("osaudit", parent=settings(), deadline=None)  # wall time is no property of the code
settings.load_profile("osaudit")

_ROOT = Path(__file__).resolve().parent.parent
_LEFT_OUT = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_CACHE")


def _folder(variable: str, default: str) -> Path:
    path = Path(os.environ.get(variable) or _ROOT / default)
    if not path.is_dir():
        absent = pytest.fail if os.environ.get("OSAUDIT_REQUIRE_CORPUS") else pytest.skip
        absent(f"{variable} names no folder, and {default} is not there")
    return path.resolve()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what reads the recorded repositories."""
    for item in items:
        if {"corpus", "corpus_hub", "judged_folder", "evasions_folder", "linked_folder"} & set(
            getattr(item, "fixturenames", ())
        ):
            item.add_marker(pytest.mark.corpus)


@pytest.fixture(autouse=True)
def _clean_log() -> Iterator[None]:
    """What a run of the program sets up of the log ends with its test: others read the log too."""
    logger = logging.getLogger("osaudit")
    held = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers[:], logger.propagate = held[0], held[2]
    logger.setLevel(held[1])


@pytest.fixture(autouse=True)
def _clean_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No token, no cache of the user's, no Hub but the loopback one."""
    home = tmp_path_factory.mktemp("home")
    for name in _LEFT_OUT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HOME", str(home / "hf"))
    monkeypatch.setenv("HF_TOKEN_PATH", str(home / "hf" / "token"))
    monkeypatch.setenv("OSAUDIT_CACHE", str(home / "osaudit"))
    monkeypatch.setenv("OSAUDIT_STATE", str(home / "state"))
    settings = home / "gitconfig"  # of the user: every host of git is a port that nobody listens on
    settings.write_text('[url "http://127.0.0.1:9/"]\n\tinsteadOf = https://\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.delenv("OSAUDIT_GIT_PROTOCOLS", raising=False)
    constants = sys.modules.get("huggingface_hub.constants")
    if constants:  # read once, when it is imported
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "hf" / "token"))


@pytest.fixture
def corpus() -> Path:
    return _folder("OSAUDIT_CORPUS", "../shared/corpus")


@pytest.fixture
def linked_folder() -> Path:
    return _folder("OSAUDIT_LINKED", "../shared/linked")


@pytest.fixture
def git_hosted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHost]:
    """A loopback host of git that the user's settings put in the place of the known ones."""
    with GitHost(tmp_path / "githost") as host:
        for name, value in host.environment().items():
            monkeypatch.setenv(name, value)
        yield host


@pytest.fixture
def truth() -> Path:
    return _folder("OSAUDIT_TRUTH", "../shared/truth")


@pytest.fixture
def judged_folder() -> Path:
    return _folder("OSAUDIT_JUDGED", "../shared/judged")


@pytest.fixture
def evasions_folder() -> Path:
    return _folder("OSAUDIT_EVASIONS", "../shared/evasions")


@pytest.fixture
def licence_texts() -> Path:
    return _folder("OSAUDIT_LICENCE_TEXTS", "../shared/licence-texts")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    """An empty loopback Hub that HF_ENDPOINT points to."""
    with LoopbackHub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        yield server
        assert server.crashes == []


@pytest.fixture(scope="session")
def _corpus_server() -> Iterator[LoopbackHub]:
    with LoopbackHub(CorpusShelf(_folder("OSAUDIT_CORPUS", "../shared/corpus"))) as server:
        yield server
        assert server.crashes == []


@pytest.fixture
def corpus_hub(_corpus_server: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> LoopbackHub:
    """The loopback Hub filled with the recorded repositories; HF_ENDPOINT points to it, its log is new."""
    _corpus_server.take_log()
    monkeypatch.setenv("HF_ENDPOINT", _corpus_server.endpoint)
    return _corpus_server
