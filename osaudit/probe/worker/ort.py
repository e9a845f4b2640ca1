"""The backend on onnxruntime: any graph, fed with noise of shapes that it accepts."""

from __future__ import annotations

import importlib
import itertools
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from osaudit.probe.worker import measure
from osaudit.probe.worker.running import Inferred
from osaudit.probe.worker.trouble import NotPossible, Trouble

_TYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(uint8)": "uint8",
    "tensor(int8)": "int8",
    "tensor(bool)": "bool",
}
_LENGTHS = (16, 512, 128, 256, 224, 64, 32, 1)  # of a dimension that the graph leaves open
_SCALARS = (16000, 1, 0)
_BATCH = ("batch", "n", "b", "batch_size")
_MAX_NUMBERS = 2**26


class OnnxRuntime:
    """One ONNX file."""

    libraries: tuple[str, ...] = ("onnxruntime", "numpy")

    def __init__(self, job: Mapping[str, Any]) -> None:
        self.device = "cpu"
        self.dtype = ""
        self._asked = str(job["device"])
        self._path = Path(job["folder"]) / job["file"]
        self._runtime: Any = None
        self._numpy: Any = None
        self._session: Any = None
        self._feed: dict[str, Any] | None = None

    def start(self) -> None:
        """Import onnxruntime."""
        self._numpy = importlib.import_module("numpy")
        self._runtime = importlib.import_module("onnxruntime")
        self._runtime.set_default_logger_severity(4)

    def load(self) -> tuple[str, tuple[str, ...]]:
        """Make a session."""
        there = self._runtime.get_available_providers()
        wanted = {"cuda": "CUDAExecutionProvider", "mps": "CoreMLExecutionProvider"}.get(self._asked, "")
        if self._asked in {"cuda", "mps"} and wanted not in there:
            raise NotPossible(f"the device {self._asked} was asked for, and onnxruntime has no provider for it here")
        use_cuda = self._asked in {"cuda", "auto"} and "CUDAExecutionProvider" in there
        self.device = "cuda" if use_cuda else self._asked if self._asked == "mps" else "cpu"
        provider = {"cuda": "CUDAExecutionProvider", "mps": wanted}.get(self.device, "CPUExecutionProvider")
        self._session = self._runtime.InferenceSession(str(self._path), providers=[provider])
        self.dtype = next((_TYPES.get(one.type, one.type) for one in self._session.get_inputs()), "")
        inputs = ", ".join(f"{one.name}{one.shape}" for one in self._session.get_inputs())
        return f"The graph loads; it takes {inputs[:300]}.", ()

    def infer(self) -> Inferred:
        """Run twice on the same noise, and once on other noise."""
        feed = self._found()
        first, second = self._run(feed), self._run(feed)
        numbers = [one for one in first if self._is_float(one)]
        if any(not self._numpy.isfinite(one).all() for one in numbers):
            raise Trouble("nan-output", "the output holds NaN or infinity")
        if any(not self._numpy.array_equal(one, two) for one, two in zip(first, second, strict=True)):
            raise Trouble("not-deterministic", "two runs on the same input differ")
        other = self._run({name: self._noise_like(value) for name, value in feed.items()})
        varied = [one for one in numbers if one.size > 1 and one.min() != one.max()]
        moved = any(not self._numpy.array_equal(one, two) for one, two in zip(first, other, strict=True))
        if numbers and not varied and not moved:
            raise Trouble("constant-output", "the output is the same number whatever goes in")
        shapes = ", ".join(str(list(one.shape)) for one in first if hasattr(one, "shape"))
        fed = ", ".join(f"{name}{list(value.shape)}" for name, value in feed.items())
        return Inferred(f"Finite, varied output of shape {shapes}, the same twice.", (f"fed with noise: {fed}",))

    def first(self) -> None:
        """One run."""
        self._run(self._found())

    def perform(self, runs: int) -> list[dict[str, Any]]:
        """Warm runs, ten for each that is asked for: graphs are small."""
        feed = self._found()
        self._run(feed)
        seconds = [measure.timed(lambda: self._run(feed))[1] for _ in range(10 * runs)]
        return [
            *measure.summary("items_per_second", "items/s", [1 / spent for spent in seconds]),
            *measure.summary("latency", "s", seconds),
            *measure.summary("latency_p90", "s", [measure.percentile(seconds, 0.9)]),
            *measure.summary("latency_p99", "s", [measure.percentile(seconds, 0.99)]),
        ]

    def _run(self, feed: Mapping[str, Any]) -> list[Any]:
        found: list[Any] = self._session.run(None, dict(feed))
        return found

    def _is_float(self, value: Any) -> bool:  # noqa: ANN401 - an array, mostly
        return hasattr(value, "dtype") and value.dtype.kind == "f"

    def _noise_like(self, value: Any) -> Any:  # noqa: ANN401 - an array
        if value.dtype.kind != "f":
            return value
        return self._numpy.random.default_rng(1).standard_normal(value.shape).astype(value.dtype)

    def _found(self) -> dict[str, Any]:
        """Feed that the graph accepts, looked for among the usual lengths."""
        if self._feed is not None:
            return self._feed
        why = ""
        for last_only, length, scalar in itertools.product((True, False), _LENGTHS, _SCALARS):
            feed = dict(self._offered(length, scalar, last_only=last_only))
            try:
                self._run(feed)
            except Exception as error:  # noqa: BLE001 - the library has one kind for all
                why = str(error)
                continue
            self._feed = feed
            return feed
        raise NotPossible(f"no input was found that the graph accepts ({' '.join(why.split())[:200]})")

    def _offered(self, length: int, scalar: int, *, last_only: bool) -> Iterator[tuple[str, Any]]:
        numpy = self._numpy
        for one in self._session.get_inputs():
            kind = _TYPES.get(one.type)
            if kind is None:
                raise NotPossible(f"the graph takes a {one.type}, which the probe has no noise for")
            shape = [
                self._length(named, length, open_to_length=place > 0 and (not last_only or place == len(one.shape) - 1))
                for place, named in enumerate(one.shape)
            ]
            if math.prod(shape) > _MAX_NUMBERS:
                raise NotPossible(f"the graph takes an input of {math.prod(shape):,} numbers")
            if kind.startswith("float"):
                yield one.name, numpy.random.default_rng(0).standard_normal(shape).astype(kind)
            elif shape in ([], [1]):
                yield one.name, numpy.full(shape, scalar, dtype=kind)
            else:
                ones = "mask" in one.name.lower() or kind == "bool"
                yield (
                    one.name,
                    numpy.full(shape, 1, kind)
                    if ones
                    else numpy.arange(math.prod(shape)).reshape(shape).astype(kind) % 100,
                )

    def _length(self, named: object, length: int, *, open_to_length: bool) -> int:
        if isinstance(named, int) and named > 0:
            return named
        batch = isinstance(named, str) and named.lower() in _BATCH
        return length if open_to_length and not batch else 1
