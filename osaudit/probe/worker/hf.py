"""The backend on transformers: causal, encoder, encoder-decoder, speech, audio and vision models, and GGUF files."""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from osaudit.probe.worker import devices, measure, tensors
from osaudit.probe.worker.decoding import figures_of_decoding
from osaudit.probe.worker.inputs import Inputs, make_inputs
from osaudit.probe.worker.matching import check_matching
from osaudit.probe.worker.running import Inferred
from osaudit.probe.worker.structure import differences, layers_of, model_class, read_config
from osaudit.probe.worker.trouble import Trouble

Task = Literal["causal", "seq2seq", "speech", "encoder", "audio", "vision"]

_ANSWER_TOKENS = 16
_MIN_TORCH = (2, 10)


class Transformers:
    """One model of transformers."""

    libraries: tuple[str, ...] = ("torch", "transformers", "tokenizers", "safetensors", "accelerate", "gguf")

    def __init__(self, job: Mapping[str, Any]) -> None:
        self.device = str(job["device"])
        self.dtype = ""
        self._job = job
        self._folder = Path(job["folder"])
        self._file = job["file"] if job["backend"] == "gguf" else None
        self._torch: Any = None
        self._model: Any = None
        self._inputs: Inputs | None = None

    def start(self) -> None:
        """Import torch and transformers."""
        self._torch = importlib.import_module("torch")
        importlib.import_module("transformers").logging.set_verbosity_error()
        version = tuple(int(part) for part in self._torch.__version__.split("+")[0].split(".")[:2])
        if version < _MIN_TORCH:
            told = f"torch {self._torch.__version__} is too old to refuse every unsafe pickle: install 2.10 or newer"
            raise Trouble("dependency-missing", told)
        self.device = devices.pick(self._torch, self.device)
        self._torch.manual_seed(0)

    def load(self) -> tuple[str, tuple[str, ...]]:
        """Load; no name is missing or left over, the numbers are those of the file, finite and not all zero."""
        options: dict[str, Any] = {
            "trust_remote_code": False,
            "local_files_only": True,
            "output_loading_info": True,
            "weights_only": True,
            "dtype": "auto",
        }
        transformers = importlib.import_module("transformers")
        if self._file:
            config = transformers.AutoConfig.from_pretrained(self._folder, gguf_file=self._file, **_SAFE)
            kind, options["gguf_file"] = model_class(self._folder, config), self._file
            options["dtype"] = self._torch.float32
        else:
            config = read_config(self._folder)
            kind, options["config"] = model_class(self._folder, config), config
        model, info = kind.from_pretrained(self._folder, **options)
        self._model = model.eval().to(self.device)
        self.dtype = str(getattr(model, "dtype", "")).removeprefix("torch.")
        count = sum(parameter.numel() for parameter in model.parameters())
        because = f"{kind.__name__} loads with all of its {count:,} parameters."
        if self._job["mode"] == "cold":  # a start is measured as users have it, and the checks were made before
            return because, ()
        notes = check_matching(differences(info), layers_of(config), gguf=bool(self._file))
        compared = () if self._file else (tensors.compare_bytes(self._torch, model, self._folder),)
        return because, (*notes, *compared, *tensors.check_values(self._torch, model))

    @property
    def task(self) -> Task:
        """What the model does, by its inputs and its class."""
        name, first = type(self._model).__name__, getattr(self._model, "main_input_name", "input_ids")
        generates = callable(getattr(self._model, "generate", None)) and self._model.can_generate()
        if first == "pixel_values":
            return "vision"
        if first in {"input_features", "input_values"}:
            return "speech" if generates and first == "input_features" else "audio"
        if getattr(self._model.config, "is_encoder_decoder", False) and generates:
            return "seq2seq"
        return "causal" if generates or name.endswith(("LMHeadModel", "ForCausalLM")) else "encoder"

    def infer(self) -> Inferred:
        """Run forward and, where it generates, greedily twice."""
        inputs = self._prepared()
        output = self._forward(inputs)
        self._check_output(output)
        notes, answer = inputs.notes, None
        if self.task in {"causal", "seq2seq", "speech"}:
            first, second = self._generate(inputs, _ANSWER_TOKENS), self._generate(inputs, _ANSWER_TOKENS)
            if first != second:
                raise Trouble("not-deterministic", "two greedy runs on the same input differ")
            if not first:
                raise Trouble("no-output", "no token was generated")
            answer = inputs.decode(first)
            what = f"{len(first)} tokens generated, the same twice"
        elif not self._torch.equal(output, self._forward(inputs)):
            raise Trouble("not-deterministic", "two runs on the same input differ")
        else:
            what = f"an output of shape {list(output.shape)}, the same twice"
        return Inferred(f"Finite, varied output: {what}.", (*notes, *self._sentences(inputs)), answer)

    def first(self) -> None:
        """The first token, or the first output."""
        inputs = self._prepared(self._job["prompt_tokens"])
        if self.task in {"causal", "seq2seq", "speech"}:
            self._generate(inputs, 1)
        else:
            self._forward(inputs)
        devices.wait(self._torch, self.device)

    def perform(self, runs: int) -> list[dict[str, Any]]:
        """Warm runs: tokens where the model generates, items a second where not."""
        inputs = self._prepared(self._job["prompt_tokens"])
        if self.task in {"causal", "seq2seq", "speech"}:
            found = figures_of_decoding(
                self._torch, self._model, inputs, device=self.device, runs=runs, new=int(self._job["new_tokens"])
            )
        else:
            found = self._items(inputs, runs)
        for name, value in devices.memory(self._torch, self.device).items():
            found += measure.summary(name, "bytes", [value])
        return found

    def _items(self, inputs: Inputs, runs: int) -> list[dict[str, Any]]:
        self._forward(inputs)
        seconds = [measure.timed(functools.partial(self._waited, inputs))[1] for _ in range(runs)]
        unit = "sentences/s" if self.task == "encoder" else "items/s"
        name = "sentences_per_second" if self.task == "encoder" else "items_per_second"
        return [
            *measure.summary(name, unit, [inputs.items / spent for spent in seconds]),
            *measure.summary("latency", "s", seconds),
            *measure.summary("latency_p90", "s", [measure.percentile(seconds, 0.9)]),
        ]

    def _waited(self, inputs: Inputs) -> None:
        self._forward(inputs)
        devices.wait(self._torch, self.device)

    def _prepared(self, length: int | None = None) -> Inputs:
        if self._inputs is None or length:
            self._inputs = make_inputs(
                self._torch, self._model, self.task, self._folder, file=self._file, length=length, device=self.device
            )
        return self._inputs

    def _forward(self, inputs: Inputs) -> Any:  # noqa: ANN401 - a tensor
        with self._torch.inference_mode():
            tables = inputs.forward()
            output = self._model(**tables)
        for name in ("logits", "last_hidden_state", "text_embeds", "image_embeds"):
            tensor = getattr(output, name, None)
            if tensor is not None:
                return tensor
        return next(value for value in output.values() if hasattr(value, "isfinite"))

    def _check_output(self, output: Any) -> None:  # noqa: ANN401 - a tensor
        if not bool(output.isfinite().all()):
            raise Trouble("nan-output", f"the output holds NaN or infinity (in {self.dtype})")
        if output.numel() > 1 and bool((output == output.flatten()[0]).all()):
            raise Trouble("constant-output", "every number of the output is the same")

    def _generate(self, inputs: Inputs, count: int) -> list[int]:
        with self._torch.inference_mode():
            found = self._model.generate(**inputs.tables, max_new_tokens=count, do_sample=False, num_beams=1)
        tokens: list[int] = found[0].tolist()
        return tokens[inputs.length :] if self.task == "causal" else tokens[1:]

    def _sentences(self, inputs: Inputs) -> tuple[str, ...]:
        """For a sentence-transformers layout: do two sentences of one meaning come nearer than a third?"""
        if self.task != "encoder" or not (self._folder / "modules.json").is_file() or "input_ids" not in inputs.tables:
            return ()
        torch = self._torch
        hidden = self._forward(inputs)
        mask = inputs.tables["attention_mask"].unsqueeze(-1)
        pooled = hidden[:, 0] if _pools_first(self._folder) else (hidden * mask).sum(1) / mask.sum(1)
        vectors = torch.nn.functional.normalize(pooled.float(), dim=1)
        near, far = float(vectors[0] @ vectors[1]), float(vectors[0] @ vectors[2])
        return (f"sentence vectors of {vectors.shape[1]} numbers: like {near:.2f}, unlike {far:.2f}",)


_SAFE: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}


def _pools_first(folder: Path) -> bool:
    """Whether the layout's pooling takes the first token's vector; the mean is the common case."""
    for file in folder.glob("*_Pooling/config.json"):
        return bool(json.loads(file.read_text(encoding="utf-8")).get("pooling_mode_cls_token"))
    return False
