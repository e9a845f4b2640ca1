"""The probe as a part of an audit: what it may change, what it must not, and how a gate hears of it."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from hub.repos import Lfs
from hub.server import LoopbackHub
from probe_models import CONFIG, llama_shapes, safetensors_bytes, torch_bytes, write_model

from osaudit import codec
from osaudit.cli import run
from osaudit.evidence import NOT_PROBED, Seen
from osaudit.probe import backends
from osaudit.probe.ladder import climb

FILES = {
    "README.md": "---\nlicense: apache-2.0\n---\n# A model\n",
    "config.json": json.dumps(CONFIG),
    "tokenizer.json": "{}",
    "model.safetensors": Lfs(safetensors_bytes(llama_shapes())),
}


@pytest.fixture(autouse=True)
def _no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine with the base install alone."""
    monkeypatch.setattr(backends.Choice, "lacking", property(lambda _: "probe"))


def whole(folder: Path) -> Path:
    write_model(folder)
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# A model\n")
    (folder / "tokenizer.json").write_text("{}")
    return folder


def cut(folder: Path) -> Path:
    """A model whose weights lack their last byte."""
    path = whole(folder) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    return folder


def audited(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> tuple[dict[str, Any], str]:
    assert run(["audit", *words, "--format", "json"]) == code
    out, err = capsys.readouterr()
    return json.loads(out), err


def cell(told: dict[str, Any], criterion: str) -> str:
    return next(v["outcome"] for v in told["verdicts"] if (v["criterion"], v["facet"]) == (criterion, "weights"))


def test_what_passes_raises_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(whole(tmp_path / "m"))
    plain, _ = audited(capsys, folder)
    told, err = audited(capsys, folder, "--probe", "integrity")
    assert (plain["probe"], told["verdicts"], told["label"]) == (None, plain["verdicts"], plain["label"])
    assert [level["outcome"] for level in told["probe"]["levels"]] == ["pass"] * 2 + ["not_attempted"] * 4
    assert (told["unseen"], err) == (plain["unseen"], "")
    assert told["evidence_sha256"] != plain["evidence_sha256"]


def test_the_probe_is_told_in_the_shape_of_its_own_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(whole(tmp_path / "m"))
    told, _ = audited(capsys, folder, "--probe", "integrity")
    assert run(["probe", folder, "--level", "integrity", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == told["probe"]


def test_what_fails_lowers_its_cell_and_misses_a_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(cut(tmp_path / "m"))
    plain, _ = audited(capsys, folder)
    told, err = audited(capsys, folder, "--probe", "structure")
    assert (cell(plain, "OSD-2"), cell(told, "OSD-2")) == ("pass", "fail")
    assert told["score"]["low"] < plain["score"]["low"]
    assert err == ""
    _, err = audited(capsys, folder, "--probe", "structure", "--fail-on", "C2-W", code=1)
    assert "stopped at “integrity” (truncated)" in err


def test_what_could_not_be_told_never_ends_in_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(whole(tmp_path / "m"))
    for more in ((), ("--exit-zero",), ("--fail-on", "OSD-6")):
        told, err = audited(capsys, folder, "--probe", "infers", *more, code=3)
        assert "asked for up to infers and stopped at structure (extra-missing)" in err
        assert "osaudit[probe]" in err
        (unseen,) = [entry for entry in told["unseen"] if "probe" in entry["what"]]
        assert "osaudit[probe]" in unseen["why"]
        assert cell(told, "OSD-2") == "pass"


def test_a_payload_is_told_and_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, trace = whole(tmp_path / "m"), tmp_path / "trace"
    payload = ("posix", "system", f"touch {trace}")
    (folder / "pytorch_model.bin").write_bytes(torch_bytes(llama_shapes(), payload=payload))
    told, _ = audited(capsys, str(folder), "--probe", "performs")
    assert (cell(told, "OSD-2"), cell(told, "OSD-10")) == ("review", "review")
    audited(capsys, str(folder), "--probe", "performs", "--fail-on", "C10-W", code=1)
    assert not trace.exists()


def test_the_stages_hand_the_probe_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = str(whole(tmp_path / "m")), tmp_path / "evidence.json"
    assert run(["collect", good, "--probe", "integrity", "-o", str(bad)]) == 0
    evidence = codec.load(bad.read_bytes())
    assert isinstance(evidence.probe, Seen)
    assert codec.dump(evidence).encode() == bad.read_bytes()
    cards = [tmp_path / "one.json", tmp_path / "two.json"]
    assert [run(["judge", str(bad), "-o", str(card)]) for card in cards] == [0, 0]
    assert cards[0].read_bytes() == cards[1].read_bytes()
    for form in ("text", "markdown", "html"):
        assert run(["report", str(cards[0]), "--format", form]) == 0
        assert "integrity" in capsys.readouterr().out
    assert run(["collect", good, "--probe", "loads", "-o", str(bad)]) == 3
    assert "stopped at structure" in capsys.readouterr().err
    assert run(["judge", str(bad), "-o", str(cards[0])]) == 3
    assert "stopped at structure" in capsys.readouterr().err


def test_evidence_without_a_probe_is_what_it_was_before(tmp_path: Path) -> None:
    saved = tmp_path / "evidence.json"
    assert run(["collect", str(whole(tmp_path / "m")), "-o", str(saved)]) == 0
    assert "probe" not in json.loads(saved.read_text())
    assert codec.load(saved.read_bytes()).probe == NOT_PROBED


def test_the_probe_looks_at_the_commit_that_is_judged(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    repo = hub.add_model("org/m", FILES)
    told, _ = audited(capsys, "org/m", "--probe", "integrity")
    assert told["commit"] == told["probe"]["commit"] == repo.sha
    assert (told["revision"], told["probe"]["revision"]) == (None, None)
    resolved = [entry.path for entry in hub.log if "/resolve/" in entry.path]
    assert all(f"/resolve/{repo.sha}/" in path for path in resolved)


def test_a_gated_model_is_told_as_incomplete(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.add_model("org/m", FILES, gated="manual")
    told, err = audited(capsys, "org/m", "--probe", "integrity", code=3)
    level = told["probe"]["levels"][0]
    assert (level["outcome"], level["class"]) == ("fail", "gated")
    assert "stopped at access (gated)" in err


def test_several_models_are_probed_one_after_the_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    running, most = threading.Semaphore(1), []

    def alone(*words: Any, **more: Any) -> Any:
        most.append(running.acquire(blocking=False))
        try:
            return climb(*words, **more)
        finally:
            running.release()

    monkeypatch.setattr("osaudit.probe.ladder.climb", alone)
    folders = [str(whole(tmp_path / f"m{number}")) for number in range(4)]
    assert run(["audit", *folders, str(cut(tmp_path / "cut")), "--probe", "integrity", "--format", "json"]) == 0
    told = {card["model"]: cell(card, "OSD-2") for card in json.loads(capsys.readouterr().out)}
    assert told == {**dict.fromkeys(("m0", "m1", "m2", "m3"), "pass"), "cut": "fail"}
    assert most == [True] * 5


def test_a_data_set_has_no_weights(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.add_dataset("org/d", {"README.md": "# Rows\n"})
    assert run(["audit", "datasets/org/d", "--probe", "integrity"]) == 2
    assert "is a data set" in capsys.readouterr().err
