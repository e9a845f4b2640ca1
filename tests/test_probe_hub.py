from __future__ import annotations

import json
from pathlib import Path

import pytest
from hub.repos import Lfs
from hub.server import LoopbackHub
from probe_models import CONFIG, gguf_bytes, llama_shapes, onnx_bytes, safetensors_bytes, torch_bytes, write_shards

from osaudit.cli import run
from osaudit.cli.probing import exit_code
from osaudit.errors import OsauditError
from osaudit.evidence import ModelRef
from osaudit.probe import backends, runs
from osaudit.probe.ladder import climb
from osaudit.probe.runs import Options
from osaudit.proberun import ProbeRun
from osaudit.sources.ranges import FolderFiles, HubFiles, Refusal, open_hub
from osaudit.sources.record import lfs_sha256

BIG = llama_shapes(hidden=128, inner=512, layers=4, rows=2000)
WEIGHTS = safetensors_bytes(BIG)
FILES = {"config.json": json.dumps(CONFIG), "README.md": "# A model", "model.safetensors": Lfs(WEIGHTS)}


def opened(repo: str = "org/m", revision: str | None = None, **options: object) -> HubFiles:
    found = open_hub(ModelRef(repo, revision), sleep=lambda _: None, **options)  # type: ignore[arg-type]
    assert isinstance(found, HubFiles), found
    return found


def probed(level: str, repo: str = "org/m", **options: object) -> ProbeRun:
    return climb(opened(repo), Options(level=level, **options), told=lambda *_: None)  # type: ignore[arg-type]


@pytest.fixture
def no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends.Choice, "lacking", property(lambda _: "probe"))


@pytest.mark.usefixtures("no_extra")
def test_headers_come_by_range_and_nothing_else(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    inner = HubFiles.read

    def counted(self: HubFiles, path: str, start: int, length: int) -> bytes:
        data = inner(self, path, start, length)
        read.append(len(data))
        return data

    monkeypatch.setattr(HubFiles, "read", counted)
    repo = hub.add_model("org/m", FILES)
    result = probed("structure")
    assert (result.commit, result.levels[1].outcome) == (repo.sha, "pass")
    assert result.levels[2].failure == "extra-missing"
    assert sum(read) < len(WEIGHTS) / 4
    resolved = [entry.path for entry in hub.log if "/resolve/" in entry.path]
    assert resolved
    assert all(f"/resolve/{repo.sha}/" in path for path in resolved)


@pytest.mark.usefixtures("no_extra")
def test_other_formats_are_read_by_range_too(hub: LoopbackHub) -> None:
    hub.add_model("org/gguf", {"m.gguf": Lfs(gguf_bytes())})
    hub.add_model("org/onnx", {"model.onnx": Lfs(onnx_bytes())})
    hub.add_model("org/bin", {"config.json": json.dumps(CONFIG), "pytorch_model.bin": Lfs(torch_bytes(BIG))})
    bad = torch_bytes(BIG, payload=("posix", "system", "id"))
    hub.add_model("org/bad", {"config.json": json.dumps(CONFIG), "pytorch_model.bin": Lfs(bad)})
    assert probed("structure", "org/gguf").levels[2].outcome == "pass"
    assert probed("structure", "org/onnx").levels[2].outcome == "pass"
    assert probed("structure", "org/bin").levels[2].failure == "extra-missing"
    assert probed("structure", "org/bad").levels[2].failure == "unsafe-pickle"


def test_damage_on_the_hub_is_found_without_a_download(hub: LoopbackHub) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 99\n"
    hub.add_model("org/cut", {**FILES, "model.safetensors": Lfs(WEIGHTS[:-1])})
    hub.add_model("org/pointer", {**FILES, "model.safetensors": pointer})
    hub.add_model("org/page", {**FILES, "model.safetensors": "<!doctype html><p>hello"})
    found = {name: probed("integrity", f"org/{name}").levels[1].failure for name in ("cut", "pointer", "page")}
    assert found == {"cut": "truncated", "pointer": "lfs-pointer", "page": "html-page"}


def test_a_lacking_shard_is_found_in_the_list(hub: LoopbackHub, tmp_path: Path) -> None:
    folder = write_shards(tmp_path / "m")
    files = {path.name: Lfs(path.read_bytes()) for path in folder.iterdir() if "00002" not in path.name}
    hub.add_model("org/m", files)
    assert probed("integrity").levels[1].failure == "missing-shard"


@pytest.mark.parametrize(
    ("settings", "repo", "kind"),
    [
        ({}, "org/none", "missing"),
        ({"gated": "manual"}, "org/m", "gated"),
        ({"disabled": True}, "org/m", "disabled"),
        ({"private": True}, "org/m", "missing"),
    ],
)
def test_what_cannot_be_had_says_why(hub: LoopbackHub, settings: dict, repo: str, kind: str) -> None:
    hub.add_model("org/m", FILES, **settings)
    found = open_hub(ModelRef(repo), sleep=lambda _: None)
    assert isinstance(found, Refusal)
    assert (found.name, found.kind) == (repo, kind)


def test_a_revision_that_is_not_there(hub: LoopbackHub) -> None:
    repo = hub.add_model("org/m", FILES)
    found = open_hub(ModelRef("org/m", "v9"), sleep=lambda _: None)
    assert isinstance(found, Refusal)
    assert found.kind == "revision"
    assert opened(revision=repo.sha).commit == repo.sha


def test_the_program_ends_in_three_where_it_cannot_look(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.add_model("org/m", FILES, gated="auto")
    for name, kind in (("org/m", "gated"), ("org/none", "missing"), ("./no-such-folder", "missing")):
        assert run(["probe", name, "--format", "json"]) == 3
        told = json.loads(capsys.readouterr().out)
        assert [told["levels"][0][key] for key in ("level", "outcome", "class")] == ["access", "fail", kind]


def test_a_busy_hub_is_asked_again(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES)
    hub.fault("blobs=true", times=2)
    hub.fault("model.safetensors", times=2)
    assert probed("integrity").levels[1].outcome == "pass"


def test_a_hub_that_is_down_is_no_verdict(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES)
    repository = opened()
    hub.fault("/resolve/", status=503)
    result = climb(repository, Options(level="integrity"), told=lambda *_: None)
    assert (result.levels[1].outcome, result.levels[1].failure) == ("not_attempted", "unreachable")
    assert exit_code(result) == 3


def test_a_download_resumes_and_is_verified(hub: LoopbackHub) -> None:
    hub.add_model("org/m", FILES)
    repository = opened()
    told: list[tuple[str, int, int]] = []
    hub.fault("model.safetensors", "truncate", times=2)
    folder = repository.fetch(("config.json", "model.safetensors"), lambda *one: told.append(one))
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert told[-1] == ("model.safetensors", len(WEIGHTS), len(WEIGHTS))
    hub.log.clear()
    (folder / "model.safetensors").rename(folder / "model.safetensors.part")
    with (folder / "model.safetensors.part").open("r+b") as file:
        file.truncate(1000)
    repository.fetch(("model.safetensors",), lambda *one: told.append(one))
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    found = open_hub(ModelRef("org/m"), offline=True)
    assert isinstance(found, FolderFiles)
    assert {file.path for file in found.files} == {"config.json", "model.safetensors"}
    assert climb(found, Options(level="integrity"), told=lambda *_: None).levels[1].outcome == "pass"


def test_other_bytes_than_the_listed_are_no_model(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends.Choice, "lacking", property(lambda _: None))
    monkeypatch.setattr(runs, "run_worker", lambda *_: pytest.fail("it must not be loaded"))
    files = {"model.onnx": Lfs(onnx_bytes())}
    repo = hub.add_model("org/m", files)
    repository = opened()
    other = onnx_bytes().replace(b"Mul", b"Add")
    listed = repo.head.files["model.onnx"]
    object.__setattr__(listed, "load", lambda: other)
    result = climb(repository, Options(level="loads"), told=lambda *_: None)
    assert [(one.level, one.outcome, one.failure) for one in result.levels[1:3]] == [
        ("integrity", "fail", "hash-mismatch"),
        ("structure", "not_attempted", "level-below"),
    ]
    assert exit_code(result) == 1


def test_a_download_over_the_limit_is_not_begun(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends.Choice, "lacking", property(lambda _: None))
    monkeypatch.setattr(HubFiles, "fetch", lambda *_: pytest.fail("nothing may be downloaded"))
    hub.add_model("org/m", {"m.onnx": Lfs(onnx_bytes())})
    result = probed("loads", max_download=10)
    assert (result.levels[3].failure, exit_code(result)) == ("too-large", 3)
    assert "--max-download" in result.levels[3].because


def test_nothing_stored_is_told_offline() -> None:
    found = open_hub(ModelRef("org/m"), offline=True)
    assert isinstance(found, Refusal)
    assert found.kind == "missing"
    with pytest.raises(OsauditError):
        open_hub(ModelRef("not an id"))


@pytest.mark.parametrize("told", [{}, {"sha256": 5}, {"sha256": "not a hash"}, {"sha256": "A" * 64}, ["x"], None])
def test_a_listed_hash_that_is_none_is_left_out(told: object) -> None:
    assert lfs_sha256(told) is None


def test_figures_that_are_no_numbers_are_left_out() -> None:
    good = {"id": "decode", "unit": "tokens/s", "value": 2, "low": 1, "high": 3.5, "runs": 3}
    bad = [{**good, "value": float("nan")}, {**good, "high": float("inf")}, {**good, "low": "fast"}, {"id": "load"}]
    (figure,) = runs._figures([{"figures": [*bad, good]}])
    assert (figure.value, figure.low, figure.high) == (2.0, 1.0, 3.5)
