"""`osaudit bom` and `osaudit audit-bom` as a user calls them, against the loopback Hub."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hub.repos import Repo, Weights
from hub.server import LoopbackHub
from made_boms import MADE, gated

from osaudit import codec
from osaudit.bom import WRITERS
from osaudit.bom.read import read_bom
from osaudit.cli import run

CARD = "---\nlicense: apache-2.0\nbase_model: acme/base\ndatasets:\n- acme/talk\n---\n# Tuned\n"
SHORT = 8


@pytest.fixture
def tuned(hub: LoopbackHub) -> Repo:
    """A fine-tune with its base and its data set, on the Hub."""
    hub.add_model("acme/base", {"README.md": "---\nlicense: mit\n---\n# Base\n", "w.safetensors": Weights()})
    hub.add_dataset("acme/talk", {"README.md": "---\nlicense: cc-by-4.0\n---\n# Talk\n"})
    return hub.add_model("acme/tuned", {"README.md": CARD, "w.safetensors": Weights(), "config.json": "{}"})


def saved(tmp_path: Path, name: str = "rich") -> str:
    path = tmp_path / "evidence.json"
    path.write_text(codec.dump(gated() if name == "gated" else MADE[name]), encoding="utf-8")
    return str(path)


def written(tmp_path: Path, document: Any) -> str:
    path = tmp_path / "bom.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return str(path)


def bom_of(*purls: str) -> dict[str, Any]:
    components = [{"type": "machine-learning-model", "purl": purl} for purl in purls]
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}


def test_a_model_on_the_hub_becomes_a_document(tuned: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bom", "acme/tuned", "--format", "cyclonedx-1.6"]) == 0
    (model,) = read_bom(capsys.readouterr().out.encode())
    assert (model.id, model.commit) == ("acme/tuned", tuned.commits[-1].sha)
    assert (model.declared, model.concluded) == ("Apache-2.0", "Apache-2.0")
    assert [edge.parent for edge in model.lineage] == ["acme/base"]


def digest_in(text: str) -> str:
    return text.split("Evidence sha256 ")[1][:64]


def test_every_weight_file_comes_with_its_hash_and_size(tuned: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    file = tuned.commits[-1].files["w.safetensors"]
    assert run(["bom", "acme/tuned", "--format", "cyclonedx-1.6"]) == 0
    told = capsys.readouterr()
    (listed,) = json.loads(told.out)["metadata"]["component"]["components"]
    assert listed["hashes"] == [{"alg": "SHA-256", "content": file.sha256}]
    assert listed["properties"] == [{"name": "osaudit:file:size", "value": str(file.size)}]
    assert told.err == ""


def test_the_hashes_leave_the_judged_evidence_as_an_audit_sees_it(
    tuned: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", tuned.id, "--format", "json"]) == 0
    audited = json.loads(capsys.readouterr().out)["evidence_sha256"]
    assert run(["bom", tuned.id]) == 0
    assert digest_in(capsys.readouterr().out) == audited


def test_a_gate_does_not_hide_the_hashes(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    repo = hub.add_model("acme/locked", {"README.md": CARD, "w.safetensors": Weights()}, gated="manual")
    assert run(["bom", repo.id, "-q"]) == 3
    assert repo.commits[-1].files["w.safetensors"].sha256 in capsys.readouterr().out


def test_hashes_that_are_not_told_are_missed_and_said_so(tuned: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    tuned.overrides["siblings"] = [{"rfilename": path} for path in tuned.head.files]
    assert run(["bom", tuned.id]) == 0
    told = capsys.readouterr()
    assert "1 of 1 weight files have no sha256 here" in told.err
    assert '"verifiedUsing"' not in told.out


@pytest.mark.parametrize("form", WRITERS)
def test_saved_evidence_becomes_the_same_document_every_time(form: str, tmp_path: Path) -> None:
    texts = set()
    for name in ("one", "two"):
        assert run(["bom", "--evidence", saved(tmp_path), "--format", form, "-o", str(tmp_path / name)]) == 0
        texts.add((tmp_path / name).read_text(encoding="utf-8"))
    assert len(texts) == 1


def test_the_documents_time_is_source_date_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1900000000")
    assert run(["bom", "--evidence", saved(tmp_path), "--format", "cyclonedx-1.7"]) == 0
    assert json.loads(capsys.readouterr().out)["metadata"]["timestamp"] == "2030-03-17T17:46:40Z"


def test_the_check_names_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bom", "--evidence", saved(tmp_path), "--check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "met      NTIA minimum elements: acme/tuned-lm: supplier name: acme" in lines
    assert "missing  NTIA minimum elements: LLaMA: version: it is not a Hub id" in lines
    assert lines[-1].endswith("are missing")


def test_the_check_is_met_by_a_model_that_was_seen(tuned: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert tuned.id == "acme/tuned"
    assert run(["bom", "acme/tuned", "--check"]) == 0
    assert "missing  " not in capsys.readouterr().out


def test_the_check_and_the_document_in_one_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "bom.json"
    assert run(["bom", "--evidence", saved(tmp_path), "--check", "-o", str(target)]) == 1
    assert capsys.readouterr().out.startswith("met ")
    assert len(read_bom(target.read_bytes())) == 1


def test_refused_files_end_in_a_marked_document_and_exit_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bom", "--evidence", saved(tmp_path, "gated")]) == 3
    told = capsys.readouterr()
    assert "The audit is incomplete" in told.out
    assert "incomplete" in told.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["bom"],
        ["bom", "acme/tuned", "--evidence", "x.json"],
        ["bom", "acme/tuned", "--format", "spdx-9"],
        ["bom", "acme/tuned", "--check", "-o", "-"],
        ["bom", "--evidence", "not-there.json"],
        ["bom", "not an id"],
        ["audit-bom"],
        ["audit-bom", "not-there.json"],
        ["audit-bom", "x.json", "--revision", "main"],
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1


def test_a_data_set_has_no_bill_of_materials_here(tuned: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert tuned.id == "acme/tuned"
    assert run(["bom", "datasets/acme/talk"]) == 2
    assert "is a data set" in capsys.readouterr().err


def test_bad_standard_input_is_named_as_such(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\x8a")))
    assert run(["audit-bom", "-"]) == 2
    assert capsys.readouterr().err.startswith("osaudit: standard input: it is not JSON")


@pytest.mark.parametrize("form", ["spdx-2.3-json", "spdx-3.0.1", "cyclonedx-1.6", "cyclonedx-1.7"])
def test_our_own_document_is_audited_at_its_commit(
    tuned: Repo, hub: LoopbackHub, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target, commit = tmp_path / "bom.json", tuned.commits[-1].sha
    assert run(["bom", "acme/tuned", "--format", form, "-o", str(target)]) == 0
    hub.shelf.commit(tuned, {"README.md": "# Another card\n", "w.safetensors": Weights()})
    capsys.readouterr()
    assert run(["audit-bom", str(target), "--format", "json"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert (card["model"], card["commit"]) == ("acme/tuned", commit)
    assert card["licence"]["weights"]["spdx"] == "Apache-2.0"


def test_several_models_are_audited_and_one_that_is_not_there_is_told(
    tuned: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit = tuned.commits[-1].sha
    document = bom_of(f"pkg:huggingface/acme/tuned@{commit}", "pkg:huggingface/acme/gone", "pkg:huggingface/acme/base")
    assert run(["audit-bom", written(tmp_path, document), "--format", "json"]) == 3
    told = capsys.readouterr()
    assert [card["model"] for card in json.loads(told.out)] == ["acme/tuned", "acme/base", "acme/gone"]
    assert json.loads(told.out)[-1]["error"]["exit"] == 3
    assert "acme/gone" in told.err
    assert "1 of 3 models could not be judged" in told.err


def test_a_made_up_version_is_told_and_the_newest_commit_audited(
    tuned: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit-bom", written(tmp_path, bom_of("pkg:huggingface/acme/tuned@1.0")), "--format", "json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["commit"] == tuned.commits[-1].sha
    assert "names no revision but '1.0'" in told.err


def test_a_short_commit_is_held_against_the_newest(
    tuned: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit = tuned.commits[-1].sha
    short = bom_of(f"pkg:huggingface/acme/tuned@{commit[:SHORT]}")
    assert run(["audit-bom", written(tmp_path, short), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["commit"] == commit
    other = bom_of(f"pkg:huggingface/acme/tuned@{'abcdef' * 2}")
    assert run(["audit-bom", written(tmp_path, other)]) == 3
    assert "all of its 40 digits" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", 2),
        ("<bom/>", 2),
        ({"bomFormat": "CycloneDX", "specVersion": "0.1"}, 2),
        ({"bomFormat": "CycloneDX", "specVersion": "1.6"}, 3),
        (bom_of("pkg:huggingface/../../etc"), 3),
        (bom_of("pkg:huggingface/acme/a--b"), 3),
        (bom_of("pkg:huggingface/acme/lm@..%2F.."), 2),
    ],
)
def test_bad_input_is_one_line_that_names_the_file(
    document: Any, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit-bom", written(tmp_path, document)]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("osaudit: ")
    assert told.err.count("\n") == 1


def test_a_huge_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    assert run(["audit-bom", str(path)]) == 2
    assert "over 16 MB" in capsys.readouterr().err
