"""The Hub source against the loopback Hub: what it asks for, what it makes of refusals, faults and hostile content."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hub.repos import Lfs, Weights
from hub.server import LoopbackHub, rate_limited

from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import Absent, ModelRef, Parameters, RepoFile, Seen, Unknown
from osaudit.snapshot import FetchedText, Snapshot
from osaudit.sources.hub import HubSource
from osaudit.sources.store import Store
from osaudit.sources.text import READ_LIMIT

CARD = "---\nlicense: other\nlicense_link: TERMS.txt\n---\n# A model\n"
FILES = {"README.md": CARD, "LICENSE": "Terms of ours.\n", "model.safetensors": Weights(), "config.json": "{}"}
REF = ModelRef("org/m")


def source(**settings: Any) -> HubSource:
    """A source that fails a test rather than sleep."""
    return HubSource(**{"sleep": _no_sleep, **settings})


def _no_sleep(seconds: float) -> None:
    raise AssertionError(f"slept {seconds} s")


def fetch(ref: ModelRef = REF, **settings: Any) -> Snapshot:
    return source(**settings).fetch(ref)


def text(snapshot: Snapshot, path: str = "README.md") -> FetchedText:
    fact = snapshot.texts[path]
    assert isinstance(fact, Seen)
    return fact.value


def error(ref: ModelRef = REF, **settings: Any) -> str:
    """The one line that ends an audit with exit code 3."""
    with pytest.raises(OsauditError) as caught:
        fetch(ref, **settings)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)
    return str(caught.value)


def why(snapshot: Snapshot, path: str = "README.md") -> str:
    fact = snapshot.texts[path]
    assert isinstance(fact, Unknown)
    return fact.why


# What it asks for


def test_a_lean_audit_is_one_api_request_and_one_get_for_each_text(hub: LoopbackHub) -> None:
    hub.hops = False
    hub.add_model("org/m", FILES)
    snapshot = fetch()
    assert sorted(snapshot.texts) == ["LICENSE", "README.md"]
    assert hub.counts() == {"api": 1, "file": 2}
    assert {entry.method for entry in hub.log} == {"GET"}


def test_a_hop_to_the_content_store_is_followed(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES)
    assert text(fetch()).text == CARD
    assert hub.counts() == {"api": 1, "file": 2, "hop": 2}


def test_files_are_read_at_the_commit_and_never_at_a_branch(hub: LoopbackHub) -> None:
    repo = hub.add_model("org/m", FILES)
    snapshot = fetch(ModelRef("org/m", "main"))
    assert snapshot.commit == Seen(repo.sha)
    files = [entry.path for entry in hub.log if "/resolve/" in entry.path]
    assert files
    assert all(path.startswith(f"/org/m/resolve/{repo.sha}/") for path in files)


def test_config_comes_from_the_api_alone(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES, record={"config": {"model_type": "tiny"}})
    hub.add_model("org/bare", FILES)
    config = fetch().config
    assert isinstance(config, Seen)
    assert config.value == {"model_type": "tiny"}
    assert isinstance(fetch(ModelRef("org/bare")).config, Absent)
    assert not [entry for entry in hub.log if "config.json" in entry.path]


def test_the_record_becomes_facts_with_places(hub: LoopbackHub) -> None:
    repo = hub.add_model("org/m", FILES, gated="auto", guarded=False)
    repo.overrides["safetensors"] = {"parameters": {"F16": 5, "BF16": 7}, "total": 12}
    snapshot = fetch()
    assert isinstance(snapshot.gated, Seen)
    assert isinstance(snapshot.card_data, Seen)
    assert isinstance(snapshot.parameters, Seen)
    assert (snapshot.gated.value, snapshot.card_data.value["license"]) == ("auto", "other")
    assert snapshot.parameters.value == Parameters(12, (("BF16", 7), ("F16", 5)))
    (place,) = snapshot.gated.where
    assert (place.repo, place.commit, place.path, place.pointer) == ("org/m", repo.sha, "api/models/org/m", "/gated")
    assert isinstance(snapshot.files, Seen)
    assert snapshot.files.value.complete
    weights = repo.head.files["model.safetensors"]
    assert RepoFile(weights.path, weights.size, weights.sha256) in snapshot.files.value.entries
    assert (snapshot.source, snapshot.last_modified) == ("hub", snapshot.last_modified)


@pytest.mark.parametrize("revision", ["v1", "sha", "refs/pr/1"])
def test_an_older_revision_is_read_as_it_was(hub: LoopbackHub, revision: str) -> None:
    repo = hub.add_model("org/m", FILES)
    old = repo.sha
    repo.tags |= {"v1": old, "refs/pr/1": old}
    hub.shelf.commit(repo, {"README.md": "newer"})
    snapshot = fetch(ModelRef("org/m", old if revision == "sha" else revision))
    assert (snapshot.commit, text(snapshot).text) == (Seen(old), CARD)
    assert text(fetch()).text == "newer"


def test_a_data_set_is_fetched_the_same_way(hub: LoopbackHub) -> None:
    hub.hops = False
    repo = hub.add_dataset("org/data", {"README.md": CARD, "train.parquet": Weights()})
    snapshot = fetch(ModelRef("org/data", kind="dataset"))
    assert (snapshot.commit, text(snapshot).text) == (Seen(repo.sha), CARD)
    assert [entry.path for entry in hub.log] == [
        "/api/datasets/org/data",
        f"/datasets/org/data/resolve/{repo.sha}/README.md",
    ]


def test_a_moved_repository_gets_its_new_name(hub: LoopbackHub) -> None:
    hub.add_dataset("squad", {"README.md": CARD})
    hub.shelf.move("dataset", "squad", "owner/squad")
    snapshot = fetch(ModelRef("squad", kind="dataset"))
    assert snapshot.ref == ModelRef("owner/squad", kind="dataset")
    assert text(snapshot).text == CARD


def test_names_with_odd_characters_are_quoted(hub: LoopbackHub) -> None:
    hub.add_model("org/m", {"README.md": CARD, "LICENSE for model #1 100%.txt": "Terms"})
    assert text(fetch(), "LICENSE for model #1 100%.txt").text == "Terms"


def test_the_token_goes_to_the_hub_and_not_to_another_origin(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.add_model("org/m", {"README.md": Lfs(CARD.encode())})
    assert text(fetch()).text == CARD
    assert [(entry.origin, entry.token) for entry in hub.log] == [
        ("hub", "valid"), ("hub", "valid"), ("storage", "absent"),
    ]  # fmt: skip


def test_importing_the_source_does_not_import_the_client() -> None:
    code = (
        "import sys, osaudit.sources.hub; sys.exit(any(name in sys.modules for name in ('huggingface_hub', 'httpx2')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parent.parent).returncode == 0


def test_a_fresh_process_asks_nothing_beside_from_the_first_of_its_threads_on(hub: LoopbackHub) -> None:
    hub.hops = False
    hub.add_model("org/m", FILES)
    code = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from osaudit.evidence import ModelRef
from osaudit.sources.hub import HubSource
start = Barrier(8)
def look(number):
    start.wait()
    return HubSource().fetch(ModelRef("org/m"))
with ThreadPoolExecutor(8) as pool:
    assert len({snapshot.commit.value for snapshot in pool.map(look, range(8))}) == 1
"""
    environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_DISABLE_TELEMETRY"}
    root = Path(__file__).parent.parent
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=root, env=environment).returncode == 0
    assert hub.counts() == {"api": 8, "file": 16}


# Refusals


def test_a_name_that_no_repository_can_have_is_wrong_usage(hub: LoopbackHub) -> None:
    for name in ("org/../m", "a/b/c", "", "https://x", "org/m?expand=sha"):
        with pytest.raises(UsageError):
            fetch(ModelRef(name))
    assert hub.log == []


def test_a_missing_repository(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no such repository" in error()
    assert "set HF_TOKEN" in error()
    monkeypatch.setenv("HF_TOKEN", "hf_any")
    assert "the token's account cannot see it" in error()
    assert hub.counts() == {"api": 3}


def test_a_private_repository_opens_to_its_token(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add_model("org/m", FILES, private=True, readers=frozenset({"hf_owner"}))
    assert "private" in error()
    monkeypatch.setenv("HF_TOKEN", "hf_owner")
    assert text(fetch()).text == CARD


def test_an_invalid_token_is_told_apart_from_none(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.tokens = frozenset({"hf_good"})
    hub.add_model("org/m", FILES)
    fetch()
    monkeypatch.setenv("HF_TOKEN", "hf_bad")
    assert "refuses the token as invalid" in error()


def test_a_token_that_no_header_can_hold(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add_model("org/m", FILES)
    monkeypatch.setenv("HF_TOKEN", "hf_☃")
    assert "HF_TOKEN holds characters" in error()


def test_a_disabled_repository(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES, disabled=True)
    repo = hub.add_model("org/record", FILES)
    repo.overrides["disabled"] = True
    assert "disabled" in error()
    assert "disabled" in error(ModelRef("org/record"))


def test_a_bad_revision(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES)
    assert "no revision 'v9'" in error(ModelRef("org/m", "v9"))


@pytest.mark.parametrize(("token", "says"), [(None, "set HF_TOKEN"), ("hf_stranger", "was not granted access")])
def test_a_gated_repository_without_access_is_a_snapshot_of_what_is_open(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, token: str | None, says: str
) -> None:
    hub.add_model("org/m", FILES, gated="manual", readers=frozenset({"hf_granted"}))
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    snapshot = fetch()
    assert isinstance(snapshot.card_data, Seen)
    assert why(snapshot).startswith("gated: ")
    assert says in why(snapshot)
    assert says in why(snapshot, "LICENSE")


def test_a_gate_opens_to_a_token_that_was_granted_access(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add_model("org/m", FILES, gated="manual", readers=frozenset({"hf_granted"}))
    monkeypatch.setenv("HF_TOKEN", "hf_granted")
    assert text(fetch()).text == CARD


def test_a_gated_revision_falls_back_to_the_open_record_of_the_same_commit(hub: LoopbackHub) -> None:
    repo = hub.add_model("org/m", FILES, gated="manual")
    old = repo.sha
    hub.shelf.commit(repo, FILES)
    hub.gate_revisions = True
    for revision in ("main", repo.sha):
        assert fetch(ModelRef("org/m", revision)).commit == Seen(repo.sha)
    assert "gated" in error(ModelRef("org/m", old))


def test_a_listed_file_that_is_not_served(hub: LoopbackHub) -> None:
    hub.add_model("org/m", {"README.md": CARD, "LICENSE": Weights()})
    assert why(fetch(), "LICENSE") == "listed, but the Hub has no such file at this commit"


def test_a_repository_that_vanishes_between_two_requests(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES)
    hub.fault("/resolve/", status=404, headers={"X-Error-Code": "RepoNotFound"})
    assert "no such repository" in error()


def test_a_file_that_is_refused_without_a_reason(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES)
    hub.fault("/resolve/", status=410)
    assert why(fetch()) == "refused: the Hub answers 410"


# Faults


class Naps(list[float]):
    """A sleep that only notes how long it was asked for."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def test_429_then_success_waits_what_the_hub_asks_for(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES)
    hub.fault("/api/models/", status=429, headers=rate_limited(55), times=1)
    hub.fault("README.md", status=429, headers={"Retry-After": "7"}, times=1)
    naps = Naps()
    assert text(fetch(sleep=naps)).text == CARD
    assert naps == [56.0, 7.0]


def test_a_retry_date_counts_from_the_hubs_clock(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES)
    dates = {"Date": "Wed, 21 Oct 2015 07:28:00 GMT", "Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT"}
    hub.fault("/api/", status=503, headers=dates, times=1)
    naps = Naps()
    fetch(sleep=naps)
    assert naps == [30.0]


def test_429_for_ever_ends_when_patience_does(hub: LoopbackHub) -> None:
    hub.fault("/api/", status=429, headers=rate_limited(99))
    naps = Naps()
    assert "rate limit" in error(sleep=naps, patience=250.0)
    assert naps == [100.0, 100.0]


def test_a_wait_beyond_all_patience_is_not_begun(hub: LoopbackHub) -> None:
    hub.fault("/api/", status=429, headers=rate_limited(9999))
    assert "asks to wait 10000 s" in error()


def test_503_for_ever_is_one_line_after_the_last_try(hub: LoopbackHub) -> None:
    hub.fault("/api/")
    naps = Naps()
    assert "busy (503) after 5 tries" in error(sleep=naps)
    assert naps == [0.5, 1.0, 2.0, 4.0]


def test_503_for_ever_on_a_file_gives_no_half_snapshot(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_model("org/m", FILES)
    hub.fault("LICENSE")
    assert "busy (503)" in error(sleep=Naps(), store=Store(tmp_path))
    assert not list(tmp_path.rglob("*.json"))


@pytest.mark.parametrize("kind", ["truncate", "reset"])
@pytest.mark.parametrize("match", ["/api/models/", "README.md"])
def test_a_broken_connection_is_tried_again_and_then_told(hub: LoopbackHub, kind: Any, match: str) -> None:
    hub.add_model("org/m", FILES)
    hub.fault(match, kind, times=2)
    assert text(fetch(sleep=Naps())).text == CARD
    hub.fault(match, kind)
    assert "does not answer" in error(sleep=Naps())


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "hub.example", "http://[", "ftp://127.0.0.1"])
def test_no_network(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", address)
    naps = Naps()
    message = error(sleep=naps)
    assert f"the Hub at {address} does not answer" in message
    assert "--offline" in message
    assert len(naps) == 2


def test_a_body_that_never_ends_is_given_up(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES)
    ticks = iter(range(0, 10_000, 100))
    assert "took over 50 s" in error(sleep=Naps(), deadline=50.0, clock=lambda: float(next(ticks)))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html>Log in</html>", "a web page"),
        (b'{"id": ', "no JSON object"),
        (b"[]", "no JSON object"),
        (b"[" * 100_000, "no JSON object"),
        (b'{"sha": ' + b"9" * 10_000 + b"}", "no JSON object"),
        (b"\xff\xfe\xfd", "no JSON object"),
        (b"", "no JSON object"),
    ],
)
def test_something_else_in_place_of_the_record(hub: LoopbackHub, body: bytes, says: str) -> None:
    hub.fault("/api/", status=200, body=body)
    message = error()
    assert says in message
    assert "HF_ENDPOINT" in message


def test_a_web_page_in_place_of_a_file(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_model("org/m", FILES)
    hub.fault("README.md", "html")
    store = Store(tmp_path)
    assert why(fetch(store=store, sleep=Naps())) == "refused: a web page came in place of the file"
    hub.heal()
    assert text(fetch(store=store)).text == CARD


def test_a_file_of_another_commit_is_not_taken(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES)
    hub.fault("README.md", status=200, headers={"X-Repo-Commit": "f" * 40}, body=CARD.encode())
    assert why(fetch(sleep=Naps())) == "refused: the Hub serves it from another commit"


# Hostile records


@pytest.mark.parametrize("sha", [..., None, "main", "abc", 7, "g" * 40])
def test_a_record_without_a_commit(hub: LoopbackHub, sha: Any) -> None:
    hub.add_model("org/m", FILES).overrides["sha"] = sha
    assert "names no commit" in error()


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("siblings", ..., "files"),
        ("siblings", {"a": 1}, "files"),
        ("gated", ..., "gated"),
        ("gated", "perhaps", "gated"),
        ("gated", True, "gated"),
        ("cardData", ["mit"], "card_data"),
        ("config", "tiny", "config"),
        ("safetensors", {"total": -1}, "parameters"),
        ("safetensors", {"parameters": {"F16": True}, "total": 1}, "parameters"),
        ("safetensors", {"total": 10**30}, "parameters"),
        ("safetensors", 5, "parameters"),
        ("lastModified", "yesterday", "last_modified"),
    ],
)
def test_an_unusable_field_is_unknown_and_says_so(hub: LoopbackHub, key: str, value: Any, field: str) -> None:
    hub.add_model("org/m", FILES).overrides[key] = value
    fact = getattr(fetch(), field)
    assert isinstance(fact, Unknown)
    assert fact.why


def test_names_that_lead_out_of_the_repository_are_left_out(hub: LoopbackHub) -> None:
    hub.hops = False
    names = ["README.md", "../LICENSE", "a/../../LICENSE", "/etc/LICENSE", "C:\\LICENSE", "a\nLICENSE", "", "x" * 9999]
    entries: list[Any] = [{"rfilename": name} for name in names]
    hub.add_model("org/m", FILES).overrides["siblings"] = [*entries, None, "LICENSE", {"rfilename": 5}]
    snapshot = fetch()
    assert isinstance(snapshot.files, Seen)
    assert [file.path for file in snapshot.files.value.entries] == ["README.md"]
    assert not snapshot.files.value.complete
    assert hub.counts() == {"api": 1, "file": 1}


def test_a_hostile_name_for_itself_is_not_taken_over(hub: LoopbackHub) -> None:
    for name in ("../../etc", "a/b/c", 5, None):
        hub.add_model("org/m", FILES).overrides["id"] = name
        assert fetch().ref == REF


def test_half_characters_are_replaced(hub: LoopbackHub) -> None:
    record = {"id": "org/m", "sha": "a" * 40, "gated": False, "siblings": [], "cardData": {"license": "x\ud800y"}}
    hub.fault("/api/", status=200, body=json.dumps(record).encode())
    card_data = fetch().card_data
    assert isinstance(card_data, Seen)
    assert card_data.value["license"] == "x?y"


# Texts


def _served(hub: LoopbackHub, content: str | bytes) -> Snapshot:
    hub.add_model("org/m", {"README.md": content})
    return fetch()


def test_a_card_of_50_mb_is_read_up_to_the_bound(hub: LoopbackHub) -> None:
    data = (b"0123456789abcde\n" * 4096) * 800
    got = text(_served(hub, data))
    assert (got.size, got.truncated, len(got.text)) == (READ_LIMIT, True, READ_LIMIT)
    assert got.sha256 == hashlib.sha256(data[:READ_LIMIT]).hexdigest()


def test_a_bound_that_cuts_a_character_leaves_it_out(hub: LoopbackHub) -> None:
    got = text(_served(hub, b"x" * (READ_LIMIT - 1) + "é".encode()))
    assert got.truncated
    assert got.text == "x" * (READ_LIMIT - 1)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xef\xbb\xbf---\r\nlicense: mit\r\n---\r\n", "---\r\nlicense: mit\r\n---\r\n"),
        ("Lizenz für alle".encode("utf-16"), "Lizenz für alle"),
        (b"Copyright \xa9 2023 and so on", "Copyright \ufffd 2023 and so on"),
        (b"", ""),
    ],
)
def test_texts_in_other_encodings(hub: LoopbackHub, data: bytes, expected: str) -> None:
    got = text(_served(hub, data))
    assert (got.text, got.size, got.sha256) == (expected, len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary file"),
        (bytes(range(128, 256)) * 50, "binary file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "Git LFS pointer"),
        (b"\n<!DOCTYPE HTML><title>Sign in</title>", "web page"),
    ],
)
def test_what_is_no_text_is_unknown(hub: LoopbackHub, data: bytes, says: str) -> None:
    assert says in why(_served(hub, data))


def test_an_html_licence_is_a_text(hub: LoopbackHub) -> None:
    hub.add_model("org/m", {"LICENSE.html": "<html>Terms</html>"})
    assert text(fetch(), "LICENSE.html").text == "<html>Terms</html>"


# With a store


def test_a_repeat_at_an_unchanged_commit_is_one_api_request(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.hops = False
    repo = hub.add_model("org/m", FILES)
    store = Store(tmp_path)
    first = fetch(store=store)
    hub.take_log()
    assert fetch(store=store) == first
    assert hub.counts() == {"api": 1}
    hub.shelf.commit(repo, {"README.md": "newer"})
    hub.take_log()
    assert text(fetch(store=store)).text == "newer"
    assert hub.counts() == {"api": 1, "file": 1}


def test_a_repeat_tells_the_gate_of_today_and_fails_when_the_repository_is_gone(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    repo = hub.add_model("org/m", FILES)
    store = Store(tmp_path)
    fetch(store=store)
    repo.gated = "manual"
    again = fetch(store=store)
    assert isinstance(again.gated, Seen)
    assert again.gated.value == "manual"
    assert text(again).text == CARD
    repo.disabled = True
    assert "disabled" in error(store=store)
    hub.shelf.repos.clear()
    assert "no such repository" in error(store=store)
    hub.fault("/api/")
    assert "busy" in error(store=store, sleep=Naps())


def test_refused_texts_are_asked_for_again_once_a_token_is_there(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.hops = False
    hub.add_model("org/m", FILES, gated="manual", readers=frozenset({"hf_granted"}))
    store = Store(tmp_path)
    for expected in ({"api": 1, "file": 2}, {"api": 1}):
        hub.take_log()
        assert why(fetch(store=store)).startswith("gated: ")
        assert hub.counts() == expected
    monkeypatch.setenv("HF_TOKEN", "hf_granted")
    assert text(fetch(store=store)).text == CARD


def test_offline_gives_what_was_stored_and_asks_nothing(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add_dataset("squad", {"README.md": CARD})
    hub.shelf.move("dataset", "squad", "owner/squad")
    store, ref = Store(tmp_path), ModelRef("squad", kind="dataset")
    online = fetch(ref, store=store)
    hub.take_log()
    stored = fetch(ref, store=store, offline=True)
    assert (stored.source, stored.commit, stored.texts) == ("cache", online.commit, online.texts)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert fetch(ref, store=store) == stored
    assert fetch(ModelRef("owner/squad", stored.commit.value, "dataset"), store=store).texts == online.texts  # type: ignore[union-attr]
    assert "not stored on this machine" in error(ModelRef("org/other"), store=store)
    assert "not stored on this machine" in error(ref)
    assert hub.log == []


# What was recorded


def test_every_recorded_state_is_fetched_whole(corpus_hub: LoopbackHub) -> None:
    look = source().fetch
    for kind in ("model", "dataset"):
        for name in corpus_hub.shelf.ids(kind):
            repo = corpus_hub.shelf.find(kind, name)
            for commit in repo.commits:
                snapshot = look(ModelRef(name, commit.sha, kind))
                assert snapshot.commit == Seen(commit.sha)
                held = {path: load for path in snapshot.texts if (load := commit.files[path].load) is not None}
                read = {path: fact.value.sha256 for path, fact in snapshot.texts.items() if isinstance(fact, Seen)}
                assert read == {path: hashlib.sha256(load()).hexdigest() for path, load in held.items()}
                assert ("README.md" in commit.files) == ("README.md" in snapshot.texts)


# Many threads


def test_sixteen_threads_see_what_one_does(hub: LoopbackHub, tmp_path: Path) -> None:
    names = [f"org/m{number}" for number in range(24)]
    for name in names:
        hub.add_model(name, {"README.md": f"# {name}\n", "LICENSE": "Terms"})
    shared = source(store=Store(tmp_path))
    look: Callable[[str], Snapshot] = lambda name: shared.fetch(ModelRef(name))  # noqa: E731 - typed
    with ThreadPoolExecutor(16) as pool:
        many = list(pool.map(look, [*names, *names]))
    assert many == [fetch(ModelRef(name)) for name in [*names, *names]]
    assert [text(snapshot).text for snapshot in many[:24]] == [f"# {name}\n" for name in names]
