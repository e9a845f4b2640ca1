"""`osaudit history`: the commits that changed the terms, what governed from each on, and what the looking costs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hub.corpus import CorpusShelf
from hub.repos import Content, Repo, Weights
from hub.server import LoopbackHub, rate_limited

from osaudit.cli import run
from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import ModelRef
from osaudit.licences.identify import identify
from osaudit.licences.names import keys_of_tag
from osaudit.sources.history import Touch, states, walk
from osaudit.sources.hub import HubSource

BARE = "# A model\n"
MIT = "---\nlicense: mit\n---\n# A model\n"
NC = "---\nlicense: cc-by-nc-4.0\n---\n# A model\n"
OURS = "The tiny terms. You may run this model on Sundays.\n"


def model(hub: LoopbackHub, *commits: Mapping[str, Content], name: str = "org/m", **settings: Any) -> Repo:
    """A model with weights and one commit for each set of files, titled `step 1` and so on."""
    repo = hub.add_model(name, {"w.safetensors": Weights(), **commits[0]}, **settings)
    for number, files in enumerate(commits[1:], 1):
        hub.shelf.commit(repo, {"w.safetensors": Weights(), **files}, title=f"step {number}")
    return repo


def told(*arguments: str, capsys: pytest.CaptureFixture[str], code: int = 0) -> dict[str, Any]:
    assert run(["history", *arguments, "--format", "json"]) == code
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    return data


def keys(data: Mapping[str, Any]) -> list[str | None]:
    return [state["licence"]["weights"]["key"] for state in data["states"]]


def touches(repo: Repo, **settings: Any) -> list[list[tuple[str, str]]]:
    walked = walk(HubSource(), ModelRef(repo.id), 100)
    return [[(touch.how, touch.path) for touch in state.touched] for state in states(walked, **settings)]


def test_each_turn_of_the_terms_is_told_with_its_commit(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    repo = model(hub, {"README.md": BARE}, {"README.md": MIT}, {"README.md": NC}, {"README.md": MIT})
    data = told("org/m", capsys=capsys)
    assert keys(data) == [None, "mit", "cc-by-nc-4.0", "mit"]
    assert [state["commit"] for state in data["states"]] == [commit.sha for commit in repo.commits]
    assert [state["subject"] for state in data["states"]] == ["", "step 1", "step 2", "step 3"]
    assert [state["date"][:10] for state in data["states"]] == ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"]
    assert [state["label"]["id"] for state in data["states"]][:1] == ["unlicensed"]
    assert data["commits"] == {
        "walked": 4,
        "complete": True,
        "oldest": repo.commits[0].sha,
        "newest": repo.sha,
    }


def test_a_state_tells_what_changed_and_its_conflicts(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    said = "## License\n\nThe weights are released under CC-BY-NC-4.0.\n"
    model(hub, {"README.md": MIT}, {"README.md": MIT + said})
    first, second = told("org/m", capsys=capsys)["states"]
    assert (first["changes"], first["conflicts"]) == ([], [])
    assert second["conflicts"]
    assert {"kind": "claim", "subject": "card statement, weights", "before": "not there", "after": "cc-by-nc-4.0"} in (
        second["changes"]
    )


def test_commits_that_leave_the_terms_alone_are_not_listed(
    hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    model(hub, {"README.md": MIT}, {"README.md": f"{MIT}A word more.\n"}, {"README.md": MIT, "app.py": "1"})
    data = told("org/m", capsys=capsys)
    assert keys(data) == ["mit"]
    assert data["notes"] == ["2 other commits touched the card and left the terms as they were"]


def test_a_licence_file_that_came_and_went_is_seen(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    model(hub, {"README.md": MIT}, {"README.md": MIT, "LICENSE": OURS}, {"README.md": MIT}, {"README.md": MIT})
    data = told("org/m", capsys=capsys)
    assert [state["touched"] for state in data["states"]] == [
        [{"path": "README.md", "how": "added"}],
        [{"path": "LICENSE", "how": "added"}],
        [{"path": "LICENSE", "how": "removed"}],
    ]
    assert data["states"][1]["licence"]["weights"]["key"] is None
    assert data["states"][1]["licence"]["weights"]["name"] == "an unrecognised text"


def test_what_may_hold_terms_is_told_by_its_name_and_place(hub: LoopbackHub) -> None:
    base: dict[str, Content] = {"README.md": MIT}
    repo = model(
        hub,
        base,
        {**base, "USE_POLICY.md": OURS},
        {**base, "USE_POLICY.md": OURS, "original/LICENSE": OURS},
        {**base, "USE_POLICY.md": OURS, "original/LICENSE": OURS, "LICENSE.pdf": b"%PDF"},
        {**base, "LICENSE.pdf": b"%PDF2", "notes.md": "x"},
        {**base, "LICENSE.pdf": b"%PDF2", "notes.md": "y", "vendor/a/LICENSE": OURS, "config.json": "{}"},
        {**base, "LICENSE.pdf": b"%PDF2", "notes.md": "z", "w.safetensors": Weights(5)},
    )
    assert touches(repo) == [
        [("added", "README.md")],
        [("added", "USE_POLICY.md")],
        [("added", "original/LICENSE")],
        [("added", "LICENSE.pdf")],
        [("changed", "LICENSE.pdf"), ("removed", "USE_POLICY.md"), ("removed", "original/LICENSE")],
    ]


def test_a_linked_licence_of_any_name_counts(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    card = "---\nlicense: other\nlicense_name: tiny\nlicense_link: SUNDAYS.md\n---\n# A model\n"
    files = {"README.md": card, "SUNDAYS.md": OURS}
    model(hub, files, {**files, "SUNDAYS.md": OURS.replace("Sundays", "Mondays")}, {**files, "other.md": "x"})
    data = told("org/m", capsys=capsys)
    assert [[touch["path"] for touch in state["touched"]] for state in data["states"]] == [
        ["README.md", "SUNDAYS.md"],
        ["SUNDAYS.md"],
        ["SUNDAYS.md"],
    ]


def test_a_walk_costs_a_request_a_commit_and_no_text_twice(
    hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.hops = False
    still = {"README.md": MIT, "LICENSE": OURS}
    model(hub, {"README.md": BARE, "LICENSE": OURS}, *[{**still, "a.py": str(n)} for n in range(20)])
    assert len(told("org/m", "--no-cache", capsys=capsys)["states"]) == 2
    # 1 list, 21 file lists, 2 records; 2 cards and 1 licence
    assert hub.counts() == {"api": 1 + 21 + 2, "file": 3}


def test_bases_are_looked_at_once(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.add_model("org/base", {"README.md": MIT})
    based = "---\nlicense: {}\nbase_model:\n- org/base\n- org/none\n---\n"
    model(hub, *({"README.md": based.format(tag)} for tag in ("mit", "apache-2.0", "cc-by-nc-4.0")))
    assert len(told("org/m", capsys=capsys)["states"]) == 3
    paths = [entry.path for entry in hub.log]
    assert paths.count("/api/models/org/base") == 1
    assert paths.count("/api/models/org/none") == 1


def test_the_bound_cuts_the_walk_and_says_so(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    repo = model(hub, {"README.md": BARE}, {"README.md": NC}, {"README.md": NC, "a": "1"}, {"README.md": MIT})
    data = told("org/m", "--max-commits", "2", capsys=capsys)
    assert keys(data) == ["cc-by-nc-4.0", "mit"]
    assert data["commits"] == {
        "walked": 2,
        "complete": False,
        "oldest": repo.commits[2].sha,
        "newest": repo.sha,
    }
    assert "only the newest 2 commits were walked" in data["notes"][0]
    assert len(hub.log) == 1 + 2 + 2 + 2 * 2
    assert told("org/m", "--max-commits", "4", capsys=capsys)["commits"]["complete"] is True


def test_long_lists_come_in_pages(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("osaudit.sources.history._PAGE", 2)
    repo = model(hub, *({"README.md": f"{MIT}{number}"} for number in range(5)))
    walked = walk(HubSource(), ModelRef("org/m"), 10)
    assert [commit.sha for commit in walked.commits] == [commit.sha for commit in repo.commits]
    assert (walked.complete, walked.deep) == (True, True)
    assert [entry.path.split("/")[5] for entry in hub.log[:3]] == ["commits"] * 3


def test_the_next_page_is_asked_of_the_hub_itself(hub: LoopbackHub) -> None:
    model(hub, {"README.md": MIT})
    away = {"Link": '<http://192.0.2.1/steal?cursor=1&limit=1>; rel="next"'}
    hub.fault("/commits/", status=200, body=b'[{"id": "x"}]', headers=away, times=1)
    HubSource().entries(ModelRef("org/m"), "commits", enough=10)
    assert [(entry.path, dict(entry.query)) for entry in hub.log][1] == (
        "/api/models/org/m/commits/main",
        {"cursor": ["1"], "limit": ["1"]},
    )


def test_a_great_repository_is_walked_by_its_root(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("osaudit.sources.history._PAGE", 5)
    many = {f"part/{number}.txt": "x" for number in range(5)}
    model(hub, {"README.md": BARE}, {"README.md": MIT, **many}, {"README.md": NC, **many, "part/LICENSE": OURS})
    data = told("org/m", capsys=capsys)
    assert [[touch["path"] for touch in state["touched"]] for state in data["states"]] == [["README.md"]] * 3
    assert "those in folders were not looked through" in data["notes"][0]
    monkeypatch.setattr("osaudit.sources.history._MAX_FILES", 1)
    with pytest.raises(OsauditError, match="too many to walk"):
        walk(HubSource(), ModelRef("org/m"), 10)


def test_a_branch_or_a_commit_ends_the_walk(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    repo = model(hub, {"README.md": BARE}, {"README.md": MIT}, {"README.md": NC})
    repo.tags["v1"] = repo.commits[1].sha
    for asked in (["org/m@v1"], ["org/m", "--revision", "v1"], [f"org/m@{repo.commits[1].sha}"]):
        data = told(*asked, capsys=capsys)
        assert keys(data) == [None, "mit"]
    assert data["revision"] == repo.commits[1].sha


def test_a_data_set_has_a_history_too(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    repo = hub.add_dataset("org/d", {"README.md": "---\nlicense: odc-by\n---\n", "a.parquet": Weights()})
    hub.shelf.commit(repo, {"README.md": "---\nlicense: cc-by-nc-4.0\n---\n", "a.parquet": Weights()})
    data = told("datasets/org/d", capsys=capsys)
    assert data["model"] == "datasets/org/d"
    assert [state["licence"]["data"]["key"] for state in data["states"]] == ["odc-by-1.0", "cc-by-nc-4.0"]
    assert "label" not in data["states"][0]
    assert run(["history", "datasets/org/d"]) == 0
    out = capsys.readouterr().out
    assert "data: CC BY-NC 4.0 (declared by publisher), before: " in out
    assert "label" not in out


def test_the_text_reads_as_a_story(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    repo = model(hub, {"README.md": MIT}, {"README.md": NC, "LICENSE": OURS}, {"README.md": f"{NC}.", "LICENSE": OURS})
    assert run(["history", "org/m"]) == 0
    first, second = repo.commits[0].sha[:12], repo.commits[1].sha[:12]
    lines = capsys.readouterr().out.splitlines()
    assert lines[:8] == [
        "org/m: 2 states of its terms in 3 commits, 2024-01-01 to 2024-01-03",
        "",
        f"2024-01-01 {first}",
        "  weights: MIT License (declared by publisher)",
        "  label: Weights Available",
        "  + README.md",
        "",
        f"2024-01-02 {second} step 1",
    ]
    assert lines[8].startswith("  weights: an unrecognised text (inferred), before: MIT License")
    assert "  + LICENSE" in lines
    assert "  ~ README.md" in lines
    assert "  tag front matter: mit -> cc-by-nc-4.0" in lines
    assert lines[-1] == "1 other commit touched the card and left the terms as they were"


def test_what_strangers_write_stays_one_line_of_text(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    repo = model(hub, {"README.md": MIT})
    hub.shelf.commit(repo, {"README.md": NC}, title="Fix\x1b[2J \u202eecil\nweights: MIT")
    assert run(["history", "org/m"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "\nweights: MIT" not in out
    assert run(["history", "org/m", "--format", "json"]) == 0
    out = capsys.readouterr().out
    assert out.isascii()
    assert json.loads(out)["states"][1]["subject"] == "Fix\x1b[2J \u202eecil"


def test_a_file_takes_the_report(hub: LoopbackHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model(hub, {"README.md": MIT})
    assert run(["history", "org/m", "-o", str(tmp_path / "h.txt")]) == 0
    assert (tmp_path / "h.txt").read_text().startswith("org/m: 1 state of its terms in 1 commit, 2024-01-01\n")
    hub.take_log()
    assert run(["history", "org/m", "-o", str(tmp_path / "none" / "h.txt")]) == 2
    assert "make it first" in capsys.readouterr().err
    assert hub.log == []


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["org/none"], 3, "no such repository"),
        (["org/m@none"], 3, "no revision 'none'"),
        (["org/shut"], 3, "gated"),
        (["org/m", "--max-commits", "0"], 2, "'--max-commits': 0 is not in the range"),
        (["org/m", "--max-commits", "many"], 2, "'--max-commits'"),
        (["org/m", "--offline"], 3, "cannot be listed offline"),
        (["./m"], 2, "is a folder"),
        (["no id"], 2, "no Hub id"),
        ([], 2, "Missing argument 'MODEL'"),
        (["org/m", "--format", "html"], 2, "'html'"),
    ],
)
def test_trouble_is_one_line(
    hub: LoopbackHub, arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model(hub, {"README.md": MIT})
    model(hub, {"README.md": MIT}, name="org/shut", gated="manual")
    assert run(["history", *arguments]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


def test_offline_by_the_environment(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model(hub, {"README.md": MIT})
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert run(["history", "org/m"]) == 3
    assert "cannot be listed offline" in capsys.readouterr().err
    assert hub.log == []


@pytest.mark.parametrize(
    ("listing", "body", "says"),
    [
        ("/commits/", b"[]", "lists no commits"),
        ("/commits/", b'[{"id": "main"}, 7, {"id": null}]', "lists no commits"),
        ("/commits/", b'{"error": "x"}', "no JSON list"),
        ("/commits/", b"<html>", "a web page"),
        ("/tree/", b'"x"', "no JSON list"),
        ("/tree/", b"[" * 100_000, "no JSON list"),
    ],
)
def test_lists_that_are_none(
    hub: LoopbackHub, listing: str, body: bytes, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model(hub, {"README.md": MIT})
    hub.fault(listing, status=200, body=body)
    assert run(["history", "org/m"]) == 3
    assert says in capsys.readouterr().err


def test_odd_entries_are_passed_over(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    sha = model(hub, {"README.md": MIT}).sha
    commits = [{"id": sha, "title": 7, "date": "yesterday"}, {"id": "../../etc"}, {"id": sha.upper()}]
    files = [7, {"path": "../LICENSE", "oid": "a", "type": "file"}, {"path": "LICENSE"}, {"path": 1, "oid": 2}]
    files += [{"type": "directory", "path": "LICENSE", "oid": "a"}, {"type": "file", "path": "README.md", "oid": "b"}]
    hub.fault("/commits/", status=200, body=json.dumps(commits).encode())
    hub.fault("/tree/", status=200, body=json.dumps(files).encode())
    data = told("org/m", capsys=capsys)
    assert (data["commits"]["walked"], data["commits"]["complete"]) == (1, False)
    [state] = data["states"]
    assert (state["date"], state["subject"]) == (None, "")
    assert state["touched"] == [{"path": "README.md", "how": "added"}]


def test_a_busy_hub_is_asked_again(hub: LoopbackHub) -> None:
    model(hub, *({"README.md": f"{MIT}{number}"} for number in range(4)))
    hub.fault("/tree/", status=429, headers=rate_limited(3), times=1)
    waited: list[float] = []
    walked = walk(HubSource(sleep=waited.append), ModelRef("org/m"), 10)
    assert len(walked.trees) == 4
    assert waited == [4.0]


def test_the_first_failure_ends_the_walk(hub: LoopbackHub) -> None:
    repo = model(hub, *({"README.md": f"{MIT}{number}"} for number in range(100)))
    hub.fault("/tree/", status=403)
    hub.fault(f"/tree/{repo.sha}", status=200, body=b"[]")
    with pytest.raises(OsauditError, match="refuses the request"):
        walk(HubSource(), ModelRef("org/m"), 100)
    assert len(hub.log) < 60


def test_a_repository_of_no_possible_name_is_wrong_usage() -> None:
    with pytest.raises(UsageError):
        walk(HubSource(), ModelRef("a//b"), 10)


def test_texts_that_are_refused_leave_the_history_incomplete(
    hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    """The Hub may list the files of a gated repository and refuse to serve them."""
    model(hub, {"README.md": MIT, "LICENSE": OURS}, {"README.md": NC, "LICENSE": OURS}, {"README.md": NC})
    refusal = {"X-Error-Code": "GatedRepo"}
    hub.fault("/resolve/", status=401, headers=refusal)
    data = told("org/m", capsys=capsys, code=3)
    assert [state["incomplete"] for state in data["states"]] == [True] * 3
    assert [touch["how"] for touch in data["states"][2]["touched"]] == ["removed"]


def test_a_card_that_cannot_be_read_is_not_said_to_leave_the_terms_alone(
    hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    model(hub, {"README.md": MIT}, {"README.md": f"{MIT}Not for sale."}, {"README.md": f"{MIT}For all."})
    hub.fault("/resolve/", status=418)
    data = told("org/m", capsys=capsys, code=3)
    assert [state["subject"] for state in data["states"]] == ["", "step 1", "step 2"]
    assert data["notes"] == []


def test_the_first_state_adds_what_is_there(hub: LoopbackHub) -> None:
    repo = model(hub, {"README.md": MIT, "LICENSE": OURS})
    [state] = states(walk(HubSource(), ModelRef(repo.id), 1))
    assert state.touched == (Touch("LICENSE", "added"), Touch("README.md", "added"))
    assert state.beyond_card


def _recorded(corpus: Path, repo_id: str) -> list[dict[str, Any]]:
    """The recorded states: what the tag said and which licence files stood, and the folder that holds them."""
    folder = corpus / "models" / repo_id
    entries = json.loads((folder / "license_history.json").read_bytes())
    for entry in entries:
        held = next(iter((folder / "history").glob(f"*_{entry['sha'][:8]}")), None)
        # The newest state has no folder of its own: it is what the model's own folder holds.
        entry["folder"] = held or folder
    return list(entries)


def _expected(entry: Mapping[str, Any]) -> str | None:
    """The key that governed: of the licence file while one stood, else of the tag, else none."""
    if entry["license_files"]:
        text = (entry["folder"] / entry["license_files"][0]).read_text(encoding="utf-8")
        [match] = identify(text).matches
        assert match.match == "exact"
        return match.key
    [key] = keys_of_tag(entry["license"]) if entry.get("license") else [None]
    return key


def test_falcon_was_under_the_licence_of_each_day(
    corpus: Path, corpus_hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    repo_id = "tiiuae/falcon-7b-instruct"
    recorded = _recorded(corpus, repo_id)
    expected = [_expected(entry) for entry in recorded]
    assert len(set(expected)) == 3  # none, the publisher's own, Apache
    data = told(repo_id, "--no-cache", capsys=capsys)
    found = {state["commit"]: state for state in data["states"]}
    newest = corpus_hub.shelf.find("model", repo_id).sha
    for entry, key in zip(recorded, expected, strict=True):
        state = found[entry["sha"] if entry is not recorded[-1] else newest]
        assert state["licence"]["weights"]["key"] == key, entry["subject"]
        if entry is not recorded[-1]:
            assert (state["subject"], state["date"][:10]) == (entry["subject"], entry["date"][:10])
        stood = bool(entry["license_files"])
        assert any(place["path"] in entry["license_files"] for place in state["licence"]["weights"]["where"]) == stood
        torn = stood and entry.get("license") and key not in keys_of_tag(entry["license"])
        assert bool(state["conflicts"]) >= bool(torn), entry["subject"]
    assert len(found) == len(recorded)


def test_every_recorded_history_is_walked(
    corpus: Path, corpus_hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf: CorpusShelf = corpus_hub.shelf
    for path in sorted(corpus.glob("models/*/*/license_history.json")):
        repo_id = "/".join(path.parent.parts[-2:])
        repo = shelf.find("model", repo_id)
        data = told(repo_id, "--depth", "0", "--no-cache", capsys=capsys)
        assert data["commits"]["newest"] == repo.sha
        known = {commit.sha: commit for commit in repo.commits}
        tags = [(known[state["commit"]].record.get("cardData") or {}).get("license") for state in data["states"]]
        assert tags[-1] == (repo.head.record.get("cardData") or {}).get("license"), repo_id
        first = data["states"][0]
        run(["audit", f"{repo_id}@{first['commit']}", "--depth", "0", "--format", "json"])
        audit = json.loads(capsys.readouterr().out)
        assert all(first[part] == audit[part] for part in ("licence", "label", "score", "conflicts")), repo_id
