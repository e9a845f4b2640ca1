"""What is taken for an answer: a whole one of the commit and the content asked for, in time, and from the Hub."""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hub.repos import Lfs, Weights, blob_id
from hub.routes import Reply
from hub.server import LoopbackHub

from osaudit.cli import run
from osaudit.errors import OsauditError, OutOfTimeError
from osaudit.evidence import ModelRef, Seen, Unknown
from osaudit.sources.budget import Budget, Until
from osaudit.sources.hub import HubSource
from osaudit.sources.redirects import BarredError, Origin, barred, is_inner, literal, origin_of
from osaudit.sources.wire import Bounds, _Backend, bounded

BAN = "You may not use this model for work.\n" + "x" * 30
CARD = f"---\nlicense: mit\n---\n# A model\n\n{BAN}"
FILES = {"README.md": CARD, "LICENSE": "Terms of ours.\n", "model.safetensors": Weights()}
REF = ModelRef("org/m")
Alter = Callable[[Reply], Reply]


class Naps(list[float]):
    """A sleep that only notes how long it was asked for."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def why(hub: LoopbackHub, path: str = "README.md", **settings: Any) -> str:
    """Why a text is not known, after two tries and no more."""
    hub.take_log()
    fact = HubSource(**{"sleep": Naps(), **settings}).fetch(REF).texts[path]
    assert isinstance(fact, Unknown), fact
    return fact.why


def told(message: str, **settings: Any) -> str:
    with pytest.raises(OsauditError, match=message) as caught:
        HubSource(**{"sleep": Naps(), **settings}).fetch(REF)
    assert caught.value.exit_code == 3
    return str(caught.value)


@pytest.fixture(autouse=True)
def _no_log_of_another_test() -> None:
    logging.getLogger("osaudit").handlers.clear()


# Wrong answers


def cut(reply: Reply) -> Reply:
    return replace(reply, body=reply.body[: -len(BAN)])


def with_headers(reply: Reply, **headers: str) -> Reply:
    return replace(reply, headers={**reply.headers, **{name.replace("_", "-"): text for name, text in headers.items()}})


WRONG: dict[str, tuple[Alter, str]] = {
    "206 of the beginning": (lambda reply: replace(cut(reply), status=206), "answers 206"),
    "204": (lambda reply: replace(reply, status=204, body=b""), "answers 204"),
    "304": (lambda reply: replace(reply, status=304, body=b""), "answers 304"),
    "203 of a proxy": (lambda reply: replace(reply, status=203), "answers 203"),
    "300 to nowhere": (lambda reply: replace(reply, status=300), "answers 300"),
    "nothing": (lambda reply: replace(reply, body=b""), "0 bytes came of the"),
    "a short length": (cut, "bytes came of the"),
    "an end by closing": (lambda reply: with_headers(cut(reply), Connection="close"), "bytes came of the"),
    "more": (lambda reply: replace(reply, body=reply.body + b"!"), "bytes came of the"),
    "other words of the same length": (
        lambda reply: replace(reply, body=reply.body.replace(b"may not use", b"are to try!")), "its hash is another"
    ),
    "another tag": (lambda reply: with_headers(reply, ETag=f'"{"a" * 40}"'), "its hash is another"),
    "a packed one": (
        lambda reply: with_headers(replace(reply, body=gzip.compress(cut(reply).body)), Content_Encoding="gzip"),
        "bytes came of the",
    ),
    "another commit": (lambda reply: with_headers(reply, X_Repo_Commit="f" * 40), "another commit"),
    "a page": (lambda reply: replace(reply, body=b"<!doctype html><p>Please sign in"), "a web page"),
}  # fmt: skip


@pytest.mark.parametrize("hops", [True, False])
@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_answer_is_asked_for_once_more_and_then_unknown(hub: LoopbackHub, case: str, *, hops: bool) -> None:
    alter, says = WRONG[case]
    hub.hops = hops
    hub.add_model("org/m", FILES)
    match = "resolve-cache" if hops else "/resolve/"
    hub.fault(match, "altered", alter=alter)
    found = why(hub)
    assert found.startswith("refused: ")
    assert says in found
    assert len([entry for entry in hub.log if match in entry.path and entry.path.endswith("README.md")]) == 2
    hub.heal()
    hub.fault(match, "altered", alter=alter, times=1)
    naps = Naps()
    assert all(isinstance(fact, Seen) for fact in HubSource(sleep=naps).fetch(REF).texts.values())
    assert naps == [0.5]


@pytest.mark.parametrize("case", WRONG)
def test_no_wrong_answer_ends_in_a_whole_report(
    hub: LoopbackHub, case: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("osaudit.sources.request.pause_before", lambda *_: 0.0)
    hub.add_model("org/m", FILES)
    hub.fault("resolve-cache", "altered", alter=WRONG[case][0])
    assert run(["audit", "org/m", "--format", "json"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert report["incomplete"]
    assert any(item["why"].startswith("refused:") for item in report["unseen"])


def test_a_file_that_lfs_keeps_is_held_to_its_sha256(hub: LoopbackHub) -> None:
    hub.add_model("org/m", {"README.md": Lfs(CARD.encode())})
    assert isinstance(HubSource().fetch(REF).texts["README.md"], Seen)
    hub.fault("/lfs/", "altered", alter=lambda reply: replace(reply, body=reply.body.replace(b"may not", b"may now")))
    assert "its hash is another" in why(hub)


def test_without_a_list_of_ids_the_answers_own_tag_and_commit_count(hub: LoopbackHub) -> None:
    repo = hub.add_model("org/m", FILES)
    repo.overrides["siblings"] = [{"rfilename": path} for path in FILES]
    assert isinstance(HubSource().fetch(REF).texts["README.md"], Seen)
    hub.fault("resolve-cache", "altered", alter=cut)
    assert "its hash is another" in why(hub)
    hub.heal()
    hub.hops = False
    for name, says in (("ETag", "no hash of it"), ("X-Repo-Commit", "names no commit")):
        hub.fault(
            "README.md",
            "altered",
            alter=lambda reply, name=name: replace(
                reply, headers={key: value for key, value in reply.headers.items() if key != name}
            ),
        )
        assert says in why(hub)


@pytest.mark.parametrize("status", [203, 204, 206, 300, 304])
@pytest.mark.parametrize("command", ["audit", "history"])
def test_only_200_is_a_record(
    hub: LoopbackHub, status: int, command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("osaudit.sources.request.pause_before", lambda *_: 0.0)
    hub.add_model("org/m", FILES)
    hub.fault("/api/models/", "altered", alter=lambda reply: replace(reply, status=status))
    assert run([command, "org/m"]) == 3
    seen = capsys.readouterr()
    assert f"answers {status}" in seen.err
    assert seen.out == ""


def test_a_record_of_another_commit_is_none(hub: LoopbackHub) -> None:
    repo = hub.add_model("org/m", FILES)
    old = repo.sha
    hub.shelf.commit(repo, {"README.md": "newer"})
    repo.overrides["sha"] = repo.sha
    with pytest.raises(OsauditError, match="another commit"):
        HubSource().fetch(ModelRef("org/m", old))


def test_the_id_is_gits_own() -> None:
    assert blob_id(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"  # as `git hash-object` tells


# Slow answers


@pytest.mark.parametrize("kind", ["drip-head", "drip-body", "silent"])
@pytest.mark.parametrize("match", ["/api/models/", "README.md"])
def test_a_slow_answer_ends_with_its_deadline(hub: LoopbackHub, kind: Any, match: str) -> None:
    hub.add_model("org/m", FILES)
    hub.fault(match, kind)
    assert "took over 0.2 s) after 2 tries" in told("does not answer", deadline=0.2, tries=2)


@pytest.mark.parametrize("kind", ["drip-head", "drip-body", "silent"])
@pytest.mark.parametrize("match", ["/api/models/", "resolve-cache"])
def test_an_audit_ends_with_its_time(
    hub: LoopbackHub, kind: Any, match: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add_model("org/m", FILES)
    hub.fault(match, kind)
    assert run(["audit", "org/m", "--timeout", "0.2"]) == 3
    seen = capsys.readouterr()
    assert "within 0.2 s" in seen.err
    assert "--timeout" in seen.err
    assert seen.out == ""


def test_a_base_that_answers_too_slowly_ends_the_audit_too(
    hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add_model("org/m", {"README.md": "---\nlicense: mit\nbase_model: org/base\n---\n"})
    hub.fault("org/base", "silent")
    assert run(["audit", "org/m", "--timeout", "0.6"]) == 3
    seen = capsys.readouterr()
    assert "--timeout" in seen.err
    assert seen.out == ""


def test_a_redirect_without_end_is_no_answer(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES)
    hub.fault("README.md", status=307, headers={"Location": f"/org/m/resolve/{'0' * 40}/README.md"})
    assert "without end" in why(hub)
    assert len(hub.log) < 20
    hub.fault("/api/models/", status=307, headers={"Location": "/api/models/org/m"})
    assert "without end" in told("sends no record")


def test_a_name_that_is_looked_up_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [()] * (not released.wait(10)))
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example")
    try:
        told("does not answer", deadline=0.1, tries=1)
        with pytest.raises(OutOfTimeError, match="--timeout"):
            HubSource(budget=Budget(0.1), sleep=Naps()).fetch(REF)
    finally:
        released.set()


def test_a_host_that_takes_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for other in (first, second):  # they fill what the system takes by itself
            other.setblocking(False)
            other.connect_ex(deaf.getsockname())
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        assert "took over 0.2 s" in told("does not answer", deadline=0.2, tries=1)


def test_what_the_hub_asks_to_wait_costs_nothing(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES)
    hub.fault("/api/", status=429, headers={"Retry-After": "30"}, times=2)
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    budget = Budget(5.0, clock=lambda: now[0])
    assert HubSource(budget=budget, sleep=sleep).fetch(REF).texts
    assert (now[0], budget.left) == (60.0, 5.0)
    hub.fault("/api/", times=2)  # its own pauses do
    HubSource(budget=budget, sleep=sleep).fetch(REF)
    assert budget.left == 3.5
    hub.fault("/api/")
    with pytest.raises(OutOfTimeError):
        HubSource(budget=budget, sleep=sleep).fetch(REF)
    assert budget.left == 2.0


def test_time_counts_once_however_many_wait() -> None:
    now = [0.0]
    budget = Budget(10.0, clock=lambda: now[0])
    with budget.waiting():
        now[0] = 1.0
        with budget.waiting():
            now[0] = 3.0
        assert budget.left == 7.0
    now[0] = 50.0
    assert budget.left == 7.0


# Redirects


HUB, OTHER = origin_of("https://hub.example"), origin_of("https://cdn.example")
NAMES = {"cdn.example": "192.168.0.9"}
PLAIN = origin_of("http://127.0.0.1:8080")


@pytest.mark.parametrize(
    ("endpoint", "to", "is_file", "follows"),
    [
        (HUB, "https://hub.example/other", False, True),
        (HUB, "https://HUB.example./other", False, True),
        (HUB, "https://cdn.example/x", True, True),
        (HUB, "https://cdn.example/x", False, False),
        (HUB, "https://hub.example:8443/x", False, False),
        (HUB, "http://hub.example/x", True, False),
        (HUB, "http://cdn.example/x", True, False),
        (HUB, "ftp://cdn.example/x", True, False),
        (HUB, "file:///etc/passwd", True, False),
        (HUB, "https:///x", True, False),
        *((HUB, f"https://{host}/x", True, False) for host in (
            "127.0.0.1", "127.1", "0x7f000001", "2130706433", "[::1]", "localhost", "a.localhost", "10.0.0.1",
            "192.168.1.1", "172.16.0.1", "169.254.169.254", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]",
            "[64:ff9b::a00:1]", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        )),
        (HUB, "https://8.8.8.8/x", True, True),
        (origin_of("http://hub.example"), "https://hub.example/api", False, True),
        (origin_of("http://hub.example"), "http://cdn.example/x", True, True),
        (PLAIN, "http://127.0.0.1:8081/x", True, True),
        (PLAIN, "http://127.0.0.1:8081/x", False, False),
    ],
)  # fmt: skip
def test_where_a_redirect_may_lead(endpoint: Origin, to: str, follows: bool, *, is_file: bool) -> None:  # noqa: FBT001 - a case's outcome
    inner = is_inner(address) if (address := literal(endpoint.host)) else False
    why = barred(endpoint, origin_of(to), is_file=is_file, is_inner_endpoint=inner)
    assert (why is None) == follows, why


def test_the_api_is_answered_by_no_other_host(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.add_model("org/m", FILES)
    elsewhere = f"{hub.view.storage}/api/models/org/m"
    hub.fault("/api/models/org/m", status=307, headers={"Location": elsewhere})
    assert "another host" in told("sends no record")
    assert {entry.origin for entry in hub.log} == {"hub"}


@pytest.mark.parametrize("to", ["https://10.0.0.1/x", "https://169.254.169.254/latest", "http://cdn.example/x"])
def test_no_file_comes_out_of_the_local_network(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, to: str) -> None:
    monkeypatch.setattr("osaudit.sources.wire._is_inner_endpoint", lambda _: False)  # as if the Hub were a public one
    hub.add_model("org/m", FILES)
    hub.fault("README.md", status=302, headers={"Location": to})
    looked_up = socket.getaddrinfo  # over http, as the loopback Hub is asked, a name alone would pass
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: looked_up(NAMES.get(host, host), *rest, **more)
    )
    assert "local network" in why(hub)


def test_a_name_that_stands_for_this_machine_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    public = {"hub.example": "8.8.8.8"}
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *_, **__: [(0, 0, 0, "", (address, 1)) for address in ("8.8.4.4", {**NAMES, **public}[host])],
    )
    with bounded(Bounds(Until(1e12), HUB, is_file=True)), pytest.raises(BarredError, match="local network"):
        _Backend(is_direct=True).connect_tcp("cdn.example", 443, timeout=1)


def test_odd_addresses_are_read() -> None:
    assert literal("cdn.example") is None
    assert literal("fe80::1%eth0") == ip_address("fe80::1")


def test_the_hash_of_a_long_text_is_known_beyond_what_is_kept(hub: LoopbackHub) -> None:
    data = b"0123456789abcde\n" * 400_000
    hub.add_model("org/m", {"README.md": data})
    fact = HubSource().fetch(REF).texts["README.md"]
    assert isinstance(fact, Seen)
    assert fact.value.truncated
    assert fact.value.sha256 == hashlib.sha256(data[: fact.value.size]).hexdigest()
    hub.fault("resolve-cache", "altered", alter=lambda reply: replace(reply, body=reply.body[:-1] + b"!"))
    assert "its hash is another" in why(hub)


def test_the_cache_keeps_no_wrong_answer(hub: LoopbackHub, tmp_path: Path) -> None:
    from osaudit.sources.store import Store  # noqa: PLC0415 - for this one

    hub.add_model("org/m", FILES)
    hub.fault("README.md", "altered", alter=lambda reply: replace(reply, status=204, body=b""))
    store = Store(tmp_path)
    assert "204" in why(hub, store=store)
    hub.heal()
    assert isinstance(HubSource(store=store).fetch(REF).texts["README.md"], Seen)
