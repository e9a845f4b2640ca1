from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from probe_models import (
    CONFIG,
    gguf_bytes,
    llama_shapes,
    onnx_bytes,
    safetensors_bytes,
    torch_bytes,
    write_hollow,
    write_model,
    write_shards,
)

from osaudit.probe import backends
from osaudit.probe.ladder import climb
from osaudit.probe.runs import Options
from osaudit.proberun import LevelResult, ProbeRun
from osaudit.sources.ranges import FolderFiles, open_folder

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 123456\n"
PAGE = "<!DOCTYPE html>\n<html><body>Sign in</body></html>"


def probe(folder: Path, level: str = "integrity", **options: object) -> ProbeRun:
    found = open_folder(folder)
    assert isinstance(found, FolderFiles)
    return climb(found, Options(level=level, **options), told=lambda *_: None)  # type: ignore[arg-type]


def failing(run: ProbeRun) -> LevelResult:
    (found,) = [result for result in run.levels if result.outcome == "fail"]
    return found


def edit_json(path: Path, change: Callable[[dict], object]) -> None:
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def test_a_whole_model_is_whole(tmp_path: Path) -> None:
    for folder in (write_model(tmp_path / "one"), write_shards(tmp_path / "three")):
        assert [result.outcome for result in probe(folder).levels[:2]] == ["pass", "pass"]


def _cut(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])


def _cut_in_header(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:40])


def _longer(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes() + b"\0")


def _replaced(text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "model.safetensors").write_text(text) and None


def _empty(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"")


def _no_json(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data.replace(b'{"__meta', b'["__meta', 1))


def _rewritten(change: Callable[[dict], object]) -> Callable[[Path], None]:
    def rewrite(folder: Path) -> None:
        path = folder / "model.safetensors"
        data = path.read_bytes()
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        change(header)
        raw = json.dumps(header).encode()
        path.write_bytes(len(raw).to_bytes(8, "little") + raw + data[8 + length :])

    return rewrite


def _overlap(header: dict) -> None:
    header["lm_head.weight"]["data_offsets"] = header["model.embed_tokens.weight"]["data_offsets"]


def _wrong_size(header: dict) -> None:
    header["model.norm.weight"]["shape"] = [15]


def _gone(header: dict) -> None:
    del header["model.norm.weight"]


def _no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _bad_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def _pointer_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text(POINTER)


@pytest.mark.parametrize(
    ("damage", "failure", "shown"),
    [
        (_cut, "truncated", "lm_head.weight"),
        (_cut_in_header, "truncated", None),
        (_empty, "truncated", None),
        (_longer, "trailing-bytes", None),
        (_replaced(POINTER), "lfs-pointer", None),
        (_replaced(PAGE), "html-page", None),
        (_replaced("x" * 5000), "corrupt-header", None),
        (_no_json, "corrupt-header", None),
        (_rewritten(_overlap), "corrupt-header", "lm_head.weight"),
        (_rewritten(_wrong_size), "corrupt-header", "model.norm.weight"),
        (_rewritten(_gone), "corrupt-header", "lm_head.weight"),
        (_no_weights, "missing-weight-file", None),
        (_bad_config, "corrupt-config", None),
        (_pointer_tokenizer, "lfs-pointer", None),
    ],
)
def test_damage_is_named(tmp_path: Path, damage: Callable[[Path], None], failure: str, shown: str | None) -> None:
    folder = write_model(tmp_path / "m")
    damage(folder)
    result = failing(probe(folder))
    assert (result.level, result.failure) == ("integrity", failure)
    assert result.because.endswith(".")
    if shown:
        assert [place.quote for place in result.where] == [shown]
    if failure != "missing-weight-file":
        assert (folder / result.where[0].path).exists()


INDEX = "model.safetensors.index.json"


def _missing_shard(folder: Path) -> None:
    (folder / "model-00002-of-00003.safetensors").unlink()


def _missing_last_shard(folder: Path) -> None:
    (folder / "model-00003-of-00003.safetensors").unlink()


def _moved(index: dict) -> None:
    index["weight_map"]["lm_head.weight"] = "model-00001-of-00003.safetensors"


def _unheard_of(index: dict) -> None:
    index["weight_map"]["model.layers.9.weight"] = "model-00001-of-00003.safetensors"


def _left_out(index: dict) -> None:
    del index["weight_map"]["lm_head.weight"]


def _total(index: dict) -> None:
    index["metadata"]["total_size"] += 4


def _other_file(index: dict) -> None:
    index["weight_map"]["lm_head.weight"] = "../../else.safetensors"


@pytest.mark.parametrize(
    ("damage", "failure"),
    [
        (_missing_shard, "missing-shard"),
        (_missing_last_shard, "missing-shard"),
        (lambda folder: (folder / INDEX).unlink(), "absent-index"),
        (lambda folder: edit_json(folder / INDEX, _moved), "stale-index"),
        (lambda folder: edit_json(folder / INDEX, _unheard_of), "stale-index"),
        (lambda folder: edit_json(folder / INDEX, _left_out), "stale-index"),
        (lambda folder: edit_json(folder / INDEX, _total), "stale-index"),
        (lambda folder: edit_json(folder / INDEX, _other_file), "missing-shard"),
        (lambda folder: (folder / INDEX).write_text('{"weight_map": []}'), "stale-index"),
    ],
)
def test_shards_and_index_are_held_against_each_other(
    tmp_path: Path, damage: Callable[[Path], object], failure: str
) -> None:
    folder = write_shards(tmp_path / "m")
    damage(folder)
    assert failing(probe(folder)).failure == failure


def test_hashes_are_verified_where_they_are_known(tmp_path: Path) -> None:
    commit = "c" * 40
    root = tmp_path / "models--org--name"
    snapshot, blobs = root / "snapshots" / commit, root / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    data = safetensors_bytes(llama_shapes())
    blob = blobs / hashlib.sha256(data).hexdigest()
    blob.write_bytes(data)
    (snapshot / "model.safetensors").symlink_to(os.path.relpath(blob, snapshot))
    (snapshot / "config.json").write_text(json.dumps(CONFIG))
    run = probe(snapshot)
    assert (run.model, run.commit, run.levels[1].outcome) == ("org/name", commit, "pass")
    assert "1 hashes" in run.levels[1].because
    blob.write_bytes(data[:-4] + b"\0\0\0\x01")
    assert failing(probe(snapshot)).failure == "hash-mismatch"


@pytest.mark.parametrize(
    ("data", "level", "failure"),
    [
        (gguf_bytes(), None, None),
        (gguf_bytes()[:-1], "integrity", "truncated"),
        (gguf_bytes()[:60], "integrity", "truncated"),
        (b"GGUX" + gguf_bytes()[4:], "integrity", "corrupt-header"),
        (gguf_bytes()[:8] + b"\xff" * 16 + gguf_bytes()[24:], "integrity", "corrupt-header"),
        (gguf_bytes(told=3), "structure", "layer-count"),
        (gguf_bytes(told=1), "structure", "layer-count"),
        (gguf_bytes(architecture=""), "structure", "gguf-architecture-unknown"),
    ],
)
def test_gguf_headers_are_read(tmp_path: Path, data: bytes, level: str | None, failure: str | None) -> None:
    (tmp_path / "m.gguf").write_bytes(data)
    run = probe(tmp_path, "structure")
    if failure is None:
        assert [result.outcome for result in run.levels[:3]] == ["pass"] * 3
    else:
        assert (failing(run).level, failing(run).failure) == (level, failure)


def test_onnx_graphs_are_read(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx_bytes())
    run = probe(tmp_path, "structure")
    assert [result.outcome for result in run.levels[:3]] == ["pass"] * 3
    assert "3 parameters" in " ".join(run.levels[2].notes)
    for data, failure in (
        (onnx_bytes()[:-2], "truncated"),
        (onnx_bytes()[:20], "truncated"),
        (b"\x07" * 40, "corrupt-header"),
        (onnx_bytes(outside="weights.bin"), "missing-weight-file"),
        (onnx_bytes(outside="../../etc/passwd"), "unsafe-path"),
    ):
        path.write_bytes(data)
        assert failing(probe(tmp_path)).failure == failure
    path.write_bytes(onnx_bytes(outside="model.onnx_data"))
    (tmp_path / "model.onnx_data").write_bytes(b"\0" * 12)
    assert probe(tmp_path).levels[1].outcome == "pass"
    (tmp_path / "model.onnx_data").write_bytes(b"\0" * 11)
    assert failing(probe(tmp_path)).failure == "truncated"


class _Payload:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.path}",)


# proto 4, "os" and "system" from the memo, STACK_GLOBAL, and a call
_HIDDEN = b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x30\x30h\x00h\x01\x93\x8c\x02id\x85R."
_COMPUTED = b"\x80\x04cos\ngetcwd\n)R\x8c\x06system\x93\x8c\x02id\x85R."


@pytest.mark.parametrize("kind", ["zip", "plain", "hidden", "computed", "arguments"])
def test_a_payload_is_found_and_not_run(tmp_path: Path, kind: str) -> None:
    folder, trace = write_model(tmp_path / "m"), tmp_path / "trace"
    name = "pytorch_model.bin"
    if kind == "zip":
        data = torch_bytes(llama_shapes(), payload=("posix", "system", f"touch {trace}"))
    elif kind == "plain":
        data = pickle.dumps({"weight": _Payload(trace)})
    elif kind == "arguments":
        data, name = pickle.dumps(_Payload(trace)), "training_args.bin"
    else:
        data = _HIDDEN if kind == "hidden" else _COMPUTED
    (folder / name).write_bytes(data)
    result = failing(probe(folder, "structure"))
    assert (result.level, result.failure, result.where[0].path) == ("structure", "unsafe-pickle", name)
    assert not trace.exists()


def test_an_honest_checkpoint_is_no_payload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends.Choice, "lacking", property(lambda _: "probe"))
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "pytorch_model.bin").write_bytes(torch_bytes(llama_shapes()))
    run = probe(tmp_path, "structure")
    assert run.backend == "transformers"
    assert not [result for result in run.levels if result.outcome == "fail"]


@pytest.mark.parametrize("data", [b"\x80\x04\x95", b"\x80\x02}q\x00(X\x01\x00\x00\x00aQ", b"\x80\x04\xff" * 9])
def test_a_pickle_that_breaks_off_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "pytorch_model.bin").write_bytes(data)
    assert failing(probe(tmp_path, "structure")).failure == "pickle-refused"


@pytest.mark.parametrize("data", [b"PK\x03\x04" + b"x" * 60, b"hello there", torch_bytes({"a": (2,)})[:-9]])
def test_a_checkpoint_that_is_none_is_damaged(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(data)
    assert failing(probe(tmp_path)).failure in {"truncated", "corrupt-header"}


@pytest.mark.parametrize("name", ["model.bin", "model.joblib", "model.pkl"])
def test_what_only_shares_a_suffix_is_left_aside(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x06\0\0\0\x11\0TransformerSpec" + b"\0" * 600)
    run = probe(tmp_path, "structure")
    assert run.levels[1].outcome == "pass"
    assert run.levels[2].failure == "no-backend"


def test_the_dtype_is_held_against_the_configuration(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", config={**CONFIG, "dtype": "bfloat16"})
    result = failing(probe(folder, "structure"))
    assert (result.level, result.failure, result.where[0].quote) == ("structure", "wrong-dtype", "F32")


def test_a_large_model_takes_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends.Choice, "lacking", property(lambda _: "probe"))
    (tmp_path / "config.json").write_text(json.dumps({**CONFIG, "dtype": "bfloat16"}))
    write_hollow(tmp_path / "model.safetensors", llama_shapes(hidden=8192, inner=28672, layers=80, rows=32000), "BF16")
    run = probe(tmp_path, "structure")
    assert run.levels[1].outcome == "pass"
    assert run.levels[2].failure == "extra-missing"


def test_a_lacking_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends.importlib.util, "find_spec", lambda _: None)
    run = probe(write_model(tmp_path / "m"), "loads")
    result = run.levels[2]
    assert (result.level, result.outcome, result.failure) == ("structure", "not_attempted", "extra-missing")
    assert "osaudit[probe]" in result.because
    (tmp_path / "g").mkdir()
    (tmp_path / "g" / "m.gguf").write_bytes(gguf_bytes())
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "model.onnx").write_bytes(onnx_bytes())
    assert "osaudit[probe-gguf]" in probe(tmp_path / "g", "loads").levels[3].because
    assert "osaudit[probe-onnx]" in probe(tmp_path / "o", "loads").levels[3].because


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("adapter_config.json", "adapter_model.safetensors"), "adapter"),
        (("model.h5",), "tensorflow"),
        (("consolidated.safetensors",), "no backend"),
    ],
)
def test_what_no_backend_runs_is_not_attempted(tmp_path: Path, names: tuple[str, ...], words: str) -> None:
    for name in names:
        data = b"{}" if name.endswith("json") else safetensors_bytes({"a": (2,)})
        (tmp_path / name).write_bytes(data)
    run = probe(tmp_path, "loads")
    assert (run.backend, run.levels[2].outcome, run.levels[2].failure) == (None, "not_attempted", "no-backend")
    assert words in run.levels[2].because.lower()


def test_what_is_too_large_is_refused_with_the_sum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends.Choice, "lacking", property(lambda _: None))
    (tmp_path / "model.onnx").write_bytes(onnx_bytes())
    run = probe(tmp_path, "loads", max_memory=100_000_000)
    assert (run.levels[3].outcome, run.levels[3].failure) == ("not_attempted", "too-large")
    assert "= 300.00 MB" in run.levels[3].because
    assert "--max-memory" in run.levels[3].because
    assert run.estimate is not None
    assert run.estimate.download == 0


def test_a_name_that_claims_another_size_is_told(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "Thing-7B")
    (folder / "README.md").write_text("A model of 8 billion parameters.")
    notes = " ".join(probe(folder, "structure").levels[2].notes)
    assert "says 7,000,000,000 parameters" in notes
    assert "the card says 8,000,000,000 parameters" in notes
