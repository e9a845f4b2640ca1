"""Two audits side by side: what is told as a change, what is none, and `osaudit diff` over the Hub."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from evidence_builder import evidence_of
from hub.repos import Weights
from hub.server import LoopbackHub

from osaudit.cli import run
from osaudit.compare import Audit, changes, turns
from osaudit.evidence import Seen
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack

MIT = {"key": "mit", "text": "our words"}


def audit(**case: Any) -> Audit:
    evidence = evidence_of({"tag": "mit", "library": "transformers", "texts": [MIT], **case})
    return evidence, judge(evidence, load_pack(), load_table())


def told(before: Audit, after: Audit, kind: str) -> dict[str, tuple[str, str]]:
    return {one.subject: (one.before, one.after) for one in changes(before, after) if one.kind == kind}


def test_the_same_audit_twice_has_no_changes() -> None:
    assert changes(audit(), audit()) == ()


def test_another_commit_and_time_are_no_changes() -> None:
    later = replace(audit()[0], collected_at="2030-01-01T00:00:00Z", commit=Seen("f" * 40))
    assert changes(audit(), (later, judge(later, load_pack(), load_table()))) == ()


def test_a_new_tag_is_told_with_what_follows_from_it() -> None:
    before, after = audit(texts=[]), audit(texts=[], tag="cc-by-nc-4.0")
    assert told(before, after, "tag") == {"front matter": ("mit", "cc-by-nc-4.0")}
    assert told(before, after, "label") == {"label": ("Open Weights", "Weights Available")}
    assert told(before, after, "licence")["weights"][1].startswith("CC BY-NC 4.0")
    assert told(before, after, "cell")["OSD-6/licence"][1].startswith("fail: ")
    assert [one.kind for one in changes(before, after)][:3] == ["label", "score", "licence"]


def test_a_licence_that_comes_and_goes() -> None:
    bare, held = audit(texts=[]), audit()
    assert told(bare, held, "text") == {"LICENSE": ("not there", "mit, sha256 ffffffffffff")}
    assert told(held, bare, "text") == {"LICENSE": ("mit, sha256 ffffffffffff", "not there")}


def test_a_variant_is_never_told_as_the_licence() -> None:
    varied = audit(texts=[{**MIT, "match": "variant"}])
    assert told(audit(), varied, "text")["LICENSE"][1].startswith("a variant of mit")


def test_what_could_not_be_looked_at_is_not_told_as_gone() -> None:
    refused = audit(card="unread", tag="mit", texts=[])
    assert told(audit(), refused, "text")["LICENSE"][1] == "not seen"
    gone = evidence_of({"texts": [MIT], "card": "unread"})
    assert told(audit(), (gone, refused[1]), "tag") == {"front matter": ("mit", "not seen")}


def test_a_licence_file_that_cannot_be_read_is_a_text_of_its_own() -> None:
    unread = audit(texts=[], unseen=[{"what": "LICENSE.pdf", "why": "it is not a text file"}])
    assert told(audit(texts=[]), unread, "text") == {"LICENSE.pdf": ("not there", "not read (it is not a text file)")}
    elsewhere = audit(texts=[], unseen=[{"what": "the base model x/y", "why": "missing"}])
    assert told(audit(texts=[]), elsewhere, "text") == {}


def test_two_texts_of_one_file_are_both_told() -> None:
    both = audit(
        texts=[{**MIT, "path": "README.md"}, {"key": "apache-2.0", "path": "README.md", "text": "other words"}]
    )
    [(_, after)] = told(audit(texts=[]), both, "text").values()
    assert "mit" in after
    assert "apache-2.0" in after


def test_a_text_inside_the_card_is_known_by_its_own_words() -> None:
    one, other = ({**MIT, "path": "README.md", "text": words} for words in ("our words", "our other words"))
    assert told(audit(texts=[one]), audit(texts=[one]), "text") == {}
    assert "README.md" in told(audit(texts=[one]), audit(texts=[other]), "text")


def test_what_the_card_says_beside_its_tag() -> None:
    def said(name: str, keys: list[str]) -> Audit:
        return audit(claims=[{"source": "card statement", "component": "weights", "name": name, "keys": keys}])

    assert told(said("MIT", ["mit"]), said("the MIT licence", ["mit"]), "claim") == {}
    changed = told(said("MIT", ["mit"]), said("Apache", ["apache-2.0"]), "claim")
    assert changed == {"card statement, weights": ("mit", "apache-2.0")}


def test_restrictions_and_duties_of_the_card() -> None:
    limit = {"kind": "restriction", "value": "non_commercial", "quote": "not for sale", "subject": "weights"}
    duty = {"kind": "requirement", "value": "ask us first", "quote": "ask us first", "subject": "weights"}
    found = told(audit(), audit(statements=[limit, duty]), "restriction")
    assert found == {"non_commercial": ("not there", "“not for sale”"), "a duty": ("not there", "“ask us first”")}
    assert told(audit(statements=[limit, duty]), audit(statements=[duty, {**limit, "line": 99}]), "restriction") == {}


def test_the_gate() -> None:
    asked = audit(gate={"mode": "manual", "prompt": "agree", "fields": ["name"], "eu_disallowed": True})
    found = told(audit(), asked, "gate")
    assert found["mode"] == ("open", "manual")
    assert found["questions"] == ("not there", "name")
    assert found["European Union"] == ("not there", "refused")
    assert found["prompt"][1].startswith("1 words, sha256 ")
    assert told(audit(), audit(gate="unknown"), "gate") == {"mode": ("open", "not there")}


def test_bases_and_conflicts() -> None:
    found = changes(audit(), audit(tag="apache-2.0", bases=[{"name": "other/base"}]))
    assert {"base", "conflict"} <= {one.kind for one in found}


def test_turns_are_the_audits_that_begin_other_terms() -> None:
    mit, nc = audit(texts=[]), audit(texts=[], tag="cc-by-nc-4.0")
    more_files = audit(texts=[], files=["model.gguf"])
    assert [index for index, _ in turns([mit, mit, nc, nc, mit])] == [0, 2, 4]
    assert [index for index, _ in turns([mit, more_files, nc])] == [0, 2]
    assert [index for index, _ in turns([mit, mit, mit], {1})] == [0, 1]
    assert turns([]) == ()


def test_a_turn_tells_all_that_changed_since_the_turn_before() -> None:
    mit, nc = audit(texts=[]), audit(texts=[], tag="cc-by-nc-4.0", files=["model.gguf"])
    (_, first), (_, second) = turns([mit, audit(texts=[], files=["model.gguf"]), nc])
    assert first == ()
    assert second == changes(mit, nc)


def test_other_data_sets_are_no_other_terms() -> None:
    data = [{"name": "org/data", "role": "pre-training", "is": {"tag": "odc-by"}}]
    assert told(audit(), audit(datasets=data), "licence").keys() == {"data"}
    assert len(turns([audit(), audit(datasets=data)])) == 1


CARD = "---\nlicense: {}\nlibrary_name: transformers\n---\n# A model\n"


@pytest.fixture
def commits(hub: LoopbackHub) -> tuple[str, str]:
    """A model that turned from MIT to a non-commercial licence."""
    repo = hub.add_model("org/m", {"README.md": CARD.format("mit"), "w.safetensors": Weights()})
    old = repo.sha
    new = hub.shelf.commit(repo, {"README.md": CARD.format("cc-by-nc-4.0"), "w.safetensors": Weights()})
    return old, new


def test_diff_of_two_revisions(commits: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    old, new = commits
    assert run(["diff", f"org/m@{old}", f"org/m@{new}"]) == 1
    out = capsys.readouterr().out
    assert "tag front matter: mit -> cc-by-nc-4.0" in out
    assert out.startswith("label label: Open Weights -> Weights Available\n")


def test_diff_as_json(commits: tuple[str, str], tmp_path: Path) -> None:
    old, new = commits
    assert run(["diff", f"org/m@{old}", f"org/m@{new}", "--format", "json", "-o", str(tmp_path / "d.json")]) == 1
    data = json.loads((tmp_path / "d.json").read_bytes())
    assert (data["before"], data["after"]) == ({"model": "org/m", "commit": old}, {"model": "org/m", "commit": new})
    assert {"kind": "tag", "subject": "front matter", "before": "mit", "after": "cc-by-nc-4.0"} in data["changes"]


def test_diff_of_one_revision_with_itself(commits: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", f"org/m@{commits[1]}", "org/m"]) == 0
    assert capsys.readouterr().out == "nothing that bears on openness changed\n"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["org/m", "org/none"], 3, "org/none: no such repository"),
        (["org/m@none", "org/m"], 3, "no revision 'none'"),
        (["org/m@", "org/m"], 2, "ends in @"),
        (["org/m"], 2, "MODEL@B"),
        (["org/m@{old}", "org/m", "--revision", "main"], 2, "leave one out"),
    ],
)
def test_diff_of_what_is_not_there(
    commits: tuple[str, str], arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diff", *(word.format(old=commits[0]) for word in arguments)]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


def test_diff_of_a_gated_model_is_incomplete(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    repo = hub.add_model("org/shut", {"README.md": CARD.format("mit")}, gated="manual")
    hub.shelf.commit(repo, {"README.md": CARD.format("cc-by-nc-4.0")})
    assert run(["diff", f"org/shut@{repo.commits[0].sha}", "org/shut"]) == 3
    assert "cc-by-nc-4.0" in capsys.readouterr().out
