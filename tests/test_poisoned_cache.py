"""A cache that others could write to: nothing in it is believed beyond what the Hub's list of today vouches for."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hub.repos import Lfs
from hub.server import LoopbackHub
from test_gguf_words import WORDS, gguf_bytes

from osaudit.cli import run
from osaudit.evidence import ModelRef, Seen
from osaudit.snapshot import Snapshot
from osaudit.sources.hub import HubSource
from osaudit.sources.store import Store, _head

CLOSED = "---\nlicense: cc-by-nc-4.0\n---\n# A model\n"
OPEN = "---\nlicense: apache-2.0\n---\n# A model\n"
TERMS = "You may not use this model to earn money.\n"
REF = ModelRef("org/m")
GATED = "gated: no token is set: set HF_TOKEN"
Poison = Callable[[dict[str, Any]], None]


@pytest.fixture(autouse=True)
def _told(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The log as a user sees it, whatever a command of another test set up."""
    logger = logging.getLogger("osaudit")
    handlers, logger.handlers[:] = logger.handlers[:], [caplog.handler]
    yield
    logger.handlers[:] = handlers


def add(hub: LoopbackHub) -> None:
    files = {
        "README.md": CLOSED,
        "LICENSE": TERMS.encode("utf-16"),
        "NOTICE": b"Copyright \xa9 2024, to be named\n",
        "TERMS_OF_USE.md": Lfs(TERMS.encode()),
        "w.gguf": gguf_bytes(words=WORDS),
    }
    hub.add_model("org/m", files)


def poison(root: Path, change: Poison) -> None:
    """Change what is stored and hash it anew, as who can write there can."""
    (path,) = (found for found in root.rglob("*.json") if found.parent.name == "org--m")
    data = json.loads(path.read_bytes().partition(b"\n")[2])
    change(data)
    body = json.dumps(data).encode()
    path.write_bytes(json.dumps(_head(body)).encode() + b"\n" + body)


def says(path: str, text: str, **more: str) -> Poison:
    def change(data: dict[str, Any]) -> None:
        data["texts"][path]["seen"] |= {"text": text, **more}

    return change


def instead(path: str, fact: dict[str, Any] | None) -> Poison:
    def change(data: dict[str, Any]) -> None:
        data["texts"].pop(path)
        data["texts"] |= {path: fact} if fact else {}

    return change


def record(**fields: Any) -> Poison:
    def change(data: dict[str, Any]) -> None:
        for name, value in fields.items():
            data[name] = {"seen": value, "where": []}

    return change


def without_words(data: dict[str, Any]) -> None:
    data["gguf"]["seen"]["words"] = {}


TOLD: dict[str, Poison] = {
    "a card that is open by now": says("README.md", OPEN),
    "a licence in UTF-16 that was emptied": says("LICENSE", ""),
    "a text with other bytes beside it": says("NOTICE", "x", encoded=base64.b64encode(b"x").decode()),
    "no base 64": says("NOTICE", "x", encoded="\u2603"),
    "half a character": says("README.md", "\ud800"),
    "terms that LFS keeps": says("TERMS_OF_USE.md", "You may do as you like.\n"),
}
UNTOLD: dict[str, Poison] = {
    "bytes left and their text changed": says("NOTICE", "Use it as you like.\n"),
    "a text taken out": instead("LICENSE", None),
    "a text called binary": instead("LICENSE", {"unknown": "binary file"}),
    "a text called gated in an open repository": instead("LICENSE", {"unknown": GATED}),
    "a text called absent": instead("LICENSE", {"absent": []}),
    "the head of a GGUF file": without_words,
    "the record's own fields": record(card_data={"license": "apache-2.0"}, files={"entries": [], "complete": True}),
}


@pytest.mark.parametrize("name", [*TOLD, *UNTOLD])
def test_a_poisoned_cache_changes_nothing_that_is_read(
    hub: LoopbackHub, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    add(hub)
    store = Store(tmp_path)
    clean = HubSource(store=store).fetch(REF)
    assert isinstance(clean.gguf, Seen)
    assert all(isinstance(fact, Seen) for fact in clean.texts.values())
    poison(tmp_path, (TOLD | UNTOLD)[name])
    assert HubSource(store=store).fetch(REF) == clean
    assert ("is not the file that the Hub lists" in caplog.text) == (name in TOLD)
    caplog.clear()
    assert HubSource(store=store).fetch(REF) == clean
    assert caplog.text == ""


def test_an_untouched_cache_spares_every_text(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.hops = False
    add(hub)
    store = Store(tmp_path)
    clean = HubSource(store=store).fetch(REF)
    hub.take_log()
    assert HubSource(store=store).fetch(REF) == clean
    assert hub.counts() == {"api": 1, "file": 1}  # the head of the GGUF file alone
    assert [entry.path.rpartition("/")[2] for entry in hub.log][1:] == ["w.gguf"]


def test_where_the_hub_lists_no_hashes_nothing_is_taken_from_the_cache(hub: LoopbackHub, tmp_path: Path) -> None:
    add(hub)
    repo = hub.shelf.find("model", "org/m")
    repo.overrides["siblings"] = [{"rfilename": path} for path in repo.head.files]
    store = Store(tmp_path)
    clean = HubSource(store=store).fetch(REF)
    poison(tmp_path, TOLD["a card that is open by now"])
    assert HubSource(store=store).fetch(REF) == clean


def test_a_damaged_cache_is_told(hub: LoopbackHub, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    add(hub)
    store = Store(tmp_path)
    clean = HubSource(store=store).fetch(REF)
    (path,) = (found for found in tmp_path.rglob("*.json") if found.parent.name == "org--m")
    path.write_bytes(path.read_bytes().replace(b"cc-by-nc", b"cc-by-sa"))
    assert HubSource(store=store).fetch(REF) == clean
    assert "is damaged, or was changed" in caplog.text


def audited(*options: str, capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], str]:
    assert run(["audit", "org/m", "--format", "json", *options]) == 0
    seen = capsys.readouterr()
    report: dict[str, Any] = json.loads(seen.out)
    return report, seen.err


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OSAUDIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_an_edited_cache_is_told_and_the_verdict_is_that_of_the_hub(
    hub: LoopbackHub, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(hub)
    clean, _ = audited(capsys=capsys)
    poison(cache, TOLD["a card that is open by now"])
    again, err = audited(capsys=capsys)
    assert again["verdicts"] == clean["verdicts"]
    assert again["unverified"] == []
    assert "README.md in the cache is not the file that the Hub lists: it is fetched again" in err


@pytest.mark.usefixtures("cache")
def test_offline_says_that_nothing_vouches_for_the_cache(
    hub: LoopbackHub, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    add(hub)
    clean, _ = audited(capsys=capsys)
    offline, _ = audited("--offline", capsys=capsys)
    assert [offline[key] for key in ("commit", "score")] == [clean[key] for key in ("commit", "score")]
    assert "nothing beside the cache vouches for it" in " ".join(offline["unverified"])
    for form in ("text", "html", "markdown"):
        assert run(["audit", "org/m", "--offline", "--format", form]) == 0
        assert "Unverified: It was read from this machine" in " ".join(capsys.readouterr().out.split())
    evidence, card = tmp_path / "evidence.json", tmp_path / "card.json"
    assert run(["collect", "org/m", "--offline", "-o", str(evidence)]) == 0
    assert run(["judge", str(evidence), "-o", str(card)]) == 0
    assert run(["report", str(card)]) == 0
    assert "Unverified:" in capsys.readouterr().out
    hub.add_model("org/n", {"README.md": OPEN})
    run(["audit", "org/n", "-q", "-o", str(tmp_path / "n.json")])
    for form in ("text", "html", "markdown"):
        assert run(["audit", "org/m", "org/n", "--offline", "--format", form]) == 0
        assert "unverified" in capsys.readouterr().out


def test_somebody_else_can_vouch_for_what_is_read_offline(hub: LoopbackHub, tmp_path: Path) -> None:
    add(hub)
    store = Store(tmp_path)
    clean = HubSource(store=store).fetch(REF)

    def vouched(found: Snapshot) -> bool:
        return found.texts == clean.texts

    assert HubSource(store=store, offline=True, vouched=vouched).fetch(REF).unverified == ""
    poison(tmp_path, TOLD["a card that is open by now"])
    assert HubSource(store=store, offline=True, vouched=vouched).fetch(REF).unverified


def test_no_cache_neither_reads_nor_keeps(hub: LoopbackHub, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(hub)
    audited("--no-cache", capsys=capsys)
    assert not cache.exists()
    audited(capsys=capsys)
    before = {path: path.read_bytes() for path in cache.rglob("*.json")}
    hub.take_log()
    audited("--no-cache", capsys=capsys)
    assert {path: path.read_bytes() for path in cache.rglob("*.json")} == before
    assert hub.counts()["file"] == 5
