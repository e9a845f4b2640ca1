"""The backend on diffusers: a text-to-image pipeline, run for a few steps on a small canvas."""

from __future__ import annotations

import functools
import importlib
import itertools
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osaudit.probe.worker import devices, measure, tensors
from osaudit.probe.worker.running import Inferred
from osaudit.probe.worker.trouble import Trouble

_PROMPT = "a red cube on a table"
_STEPS = 2
_SIDE = 256
_FLAT = 1e-4


class Diffusers:
    """One pipeline."""

    libraries: tuple[str, ...] = ("torch", "diffusers", "transformers", "safetensors", "accelerate")

    def __init__(self, job: Mapping[str, Any]) -> None:
        self.device = str(job["device"])
        self.dtype = ""
        self._folder = Path(job["folder"])
        self._torch: Any = None
        self._library: Any = None
        self._pipeline: Any = None

    def start(self) -> None:
        """Import torch and diffusers."""
        self._torch = importlib.import_module("torch")
        self._library = importlib.import_module("diffusers")
        self._library.logging.set_verbosity_error()
        self._library.logging.disable_progress_bar()
        self.device = devices.pick(self._torch, self.device)

    def load(self) -> tuple[str, tuple[str, ...]]:
        """Load every component; their numbers are finite and not all zero."""
        index = json.loads((self._folder / "model_index.json").read_text(encoding="utf-8"))
        name = index.get("_class_name")
        if isinstance(name, list):
            raise Trouble(
                "remote-code", "the pipeline is defined by the repository's own code", path="model_index.json"
            )
        if not hasattr(self._library, str(name)):
            told = f"the pipeline is a {str(name)[:80]}, which diffusers {self._library.__version__} does not have"
            raise Trouble("unknown-architecture-class", told, str(name)[:200], "model_index.json")
        safe = any(self._folder.glob("*/*.safetensors"))
        self._pipeline = self._library.DiffusionPipeline.from_pretrained(
            self._folder, local_files_only=True, trust_remote_code=False, use_safetensors=safe or None
        )
        notes: list[str] = []
        parts = {name: part for name, part in self._pipeline.components.items() if hasattr(part, "named_parameters")}
        for part, model in parts.items():
            try:
                notes += [f"{part}: {note}" for note in tensors.check_values(self._torch, model)]
            except Trouble as trouble:
                raise Trouble(trouble.failure, f"{part}: {trouble}", trouble.quote) from trouble
        self._pipeline = self._pipeline.to(self.device)
        self._pipeline.set_progress_bar_config(disable=True)
        self.dtype = str(self._pipeline.dtype).removeprefix("torch.")
        return f"{name} loads with its components {', '.join(sorted(parts))}.", tuple(notes)

    def infer(self) -> Inferred:
        """Draw the same picture twice."""
        first, second = self._image(), self._image()
        numpy = importlib.import_module("numpy")
        if not numpy.isfinite(first).all():
            raise Trouble("nan-output", f"the picture holds NaN (in {self.dtype})")
        if float(first.std()) < _FLAT:
            raise Trouble("constant-output", "the picture has one colour")
        if not numpy.array_equal(first, second):
            raise Trouble("not-deterministic", "two runs from the same seed differ")
        shape = "x".join(str(side) for side in first.shape)
        return Inferred(f"A picture of {shape} that is not of one colour, the same twice.")

    def first(self) -> None:
        """One picture."""
        self._image()

    def perform(self, runs: int) -> list[dict[str, Any]]:
        """Seconds a step and an image."""
        images, steps = [], []
        self._image()
        for _ in range(runs):
            stamps: list[float] = []
            _, spent = measure.timed(functools.partial(self._image, stamps))
            images.append(spent)
            steps += [later - earlier for earlier, later in itertools.pairwise(stamps)]
        found = [
            *measure.summary("seconds_per_image", "s", images),
            *measure.summary("seconds_per_step", "s", steps),
            *measure.summary("steps", "steps", [_STEPS]),
        ]
        for name, value in devices.memory(self._torch, self.device).items():
            found += measure.summary(name, "bytes", [value])
        return found

    def _image(self, stamps: list[float] | None = None) -> Any:  # noqa: ANN401 - an array
        def stepped(_: Any, __: int, ___: Any, tables: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - the library's
            if stamps is not None:
                stamps.append(time.perf_counter())
            return tables

        side = self._side()
        pictured = self._pipeline(
            prompt=_PROMPT,
            num_inference_steps=_STEPS,
            height=side,
            width=side,
            generator=self._torch.Generator("cpu").manual_seed(0),
            output_type="np",
            callback_on_step_end=stepped,
        )
        devices.wait(self._torch, self.device)
        return pictured.images[0]

    def _side(self) -> int:
        """The pipeline's own canvas, but no larger than a small one."""
        core = getattr(self._pipeline, "unet", None) or getattr(self._pipeline, "transformer", None)
        sample = getattr(getattr(core, "config", None), "sample_size", None)
        scale = int(getattr(self._pipeline, "vae_scale_factor", 8))
        whole = sample * scale if isinstance(sample, int) else _SIDE
        return max(scale, min(whole, _SIDE) // scale * scale)
