"""Linked code from the command line: what is asked, what is saved, what is said of wrong usage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from githost import GitHost
from hub.repos import Shelf, Weights
from hub.server import LoopbackHub
from licence_samples import needs_texts
from linked_repos import card, whole_path
from program import osaudit

CODE = "https://github.com/acme/sparrow"
WAYS = ("--who", "A. Reader", "--expires", "2999-01-01")
FILES = {
    "README.md": card(CODE),
    "config.json": '{"architectures": ["SparrowForCausalLM"], "model_type": "sparrow"}',
    "model.safetensors": Weights(1000),
    "tokenizer.json": "{}",
    ".gitattributes": "",
}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    shelf = Shelf()
    for name in ("acme/sparrow-7b", "acme/sparrow-13b"):
        shelf.add("model", name, FILES)
    with LoopbackHub(shelf) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.endpoint)
        yield served


@pytest.fixture
def host(git_hosted: GitHost) -> GitHost:
    git_hosted.add("github.com/acme/sparrow", whole_path())
    return git_hosted


def training(scorecard: dict[str, object]) -> str:
    verdicts = scorecard["verdicts"]
    assert isinstance(verdicts, list)
    return next(str(v["outcome"]) for v in verdicts if (v["criterion"], v["facet"]) == ("OSD-2", "training"))


def test_audit_looks_by_itself_and_is_told_not_to(hub: LoopbackHub, host: GitHost, tmp_path: Path) -> None:
    done = osaudit("audit", "acme/sparrow-7b", "--format", "json", "--no-cache", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert training(told) == "pass"
    assert told["linked"][0]["repo"] == "github.com/acme/sparrow"
    requests = hub.counts()
    host.asked.clear()
    done = osaudit("audit", "acme/sparrow-7b", "--format", "json", "--no-cache", "--linked", "never", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert training(told) == "review"
    assert "linked" not in told
    assert host.asked == []
    assert {key: 2 * count for key, count in requests.items()} == hub.counts()


@needs_texts
def test_every_command_that_judges_answers_as_the_audit_does(hub: LoopbackHub, host: GitHost, tmp_path: Path) -> None:
    """The code stands under a licence that closes what the tag leaves open."""
    commit = host.add("github.com/acme/sparrow", whole_path(licence="cc-by-nc-4.0"))
    for more, answer, code in (((), "not-known", 3), (("--linked", "never"), "yes-if", 0)):
        told = osaudit("may", "acme/sparrow-7b", "--use", "sell", "--format", "json", *more, cwd=tmp_path)
        assert [one["answer"] for one in json.loads(told.stdout)["answers"]] == [answer], told.stderr
        assert told.returncode == code
        bom = osaudit("bom", "acme/sparrow-7b", "--format", "cyclonedx-1.6", *more, cwd=tmp_path)
        assert (f"pkg:github/acme/sparrow@{commit}" in bom.stdout) is (not more), bom.stderr
    host.asked.clear()
    done = osaudit("bundle", "acme/sparrow-7b", "-o", "audit.zip", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    review = osaudit("review", "acme/sparrow-7b", "--all", "-o", "-", *WAYS, cwd=tmp_path, text_in="stop\n")
    assert "github.com/acme/sparrow" in review.stderr
    assert host.asked == []
    assert hub.counts()


def test_what_was_collected_is_judged_without_a_network(hub: LoopbackHub, host: GitHost, tmp_path: Path) -> None:
    done = osaudit("collect", "acme/sparrow-7b", "-o", "evidence.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    host.asked.clear()
    done = osaudit("judge", "evidence.json", "-o", "card.json", cwd=tmp_path, env={"PATH": "/nowhere"})
    assert done.returncode == 0, done.stderr
    assert training(json.loads((tmp_path / "card.json").read_text())) == "pass"
    assert osaudit("verify", "evidence.json", cwd=tmp_path).returncode == 0
    offline = osaudit("audit", "acme/sparrow-7b", "--offline", "--format", "json", cwd=tmp_path)
    assert training(json.loads(offline.stdout)) == "pass"
    assert host.asked == []
    assert hub.counts()


def test_models_of_a_run_share_what_was_fetched(hub: LoopbackHub, host: GitHost, tmp_path: Path) -> None:
    done = osaudit("audit", "acme/sparrow-7b", "acme/sparrow-13b", "--format", "json", "--no-cache", cwd=tmp_path)
    assert [training(one) for one in json.loads(done.stdout)] == ["pass", "pass"], done.stderr
    assert len([path for method, path in host.asked if method == "GET"]) == 3
    assert hub.counts()


def test_a_failure_is_a_reason_and_no_error(hub: LoopbackHub, tmp_path: Path, git_hosted: GitHost) -> None:
    git_hosted.refused["github.com"] = 500
    done = osaudit("audit", "acme/sparrow-7b", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["linked"][0]["why"] == "its host could not be reached, or is no git"
    assert "127.0.0.1" not in json.dumps(told["linked"])
    done = osaudit("audit", "acme/sparrow-7b", cwd=tmp_path, env={"PATH": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert "git is not installed" in " ".join(done.stdout.split())
    assert hub.counts()


def test_a_further_host_is_asked_where_it_is_named(hub: LoopbackHub, git_hosted: GitHost, tmp_path: Path) -> None:
    link = "https://git.example.org/acme/sparrow"
    git_hosted.add("git.example.org/acme/sparrow", whole_path())
    shelf = hub.shelf
    assert isinstance(shelf, Shelf)
    shelf.add("model", "acme/elsewhere-7b", {**FILES, "README.md": card(link)})
    osaudit("audit", "acme/elsewhere-7b", "--linked", "always", cwd=tmp_path)
    assert git_hosted.asked == []
    osaudit("audit", "acme/elsewhere-7b", "--linked", "always", "--linked-host", "git.example.org", cwd=tmp_path)
    assert git_hosted.asked


@pytest.mark.parametrize(
    "named", ["localhost", "127.0.0.1", "a b", "git.example.org:8080", "https://git.example.org", "-x.y"]
)
def test_what_is_no_host_is_wrong_usage(hub: LoopbackHub, tmp_path: Path, named: str) -> None:
    done = osaudit("audit", "acme/sparrow-7b", f"--linked-host={named}", cwd=tmp_path)
    assert done.returncode == 2
    assert "which is no host" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert osaudit("collect", "acme/sparrow-7b", "--linked", "perhaps", cwd=tmp_path).returncode == 2
    assert hub.endpoint
