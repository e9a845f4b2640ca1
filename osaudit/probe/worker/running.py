"""Load, infer, perform: the same steps for every backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from osaudit.probe.worker import measure

Emit = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Inferred:
    """What inference showed: a sentence, observations, and the text that a text model answered with."""

    because: str
    notes: tuple[str, ...] = ()
    answer: str | None = None


class Backend(Protocol):
    """One library on one model. Every step raises Trouble, or the library's own error, where it fails."""

    libraries: tuple[str, ...]
    device: str
    dtype: str

    def start(self) -> None:
        """Import the library."""

    def load(self) -> tuple[str, tuple[str, ...]]:
        """Load the weights and check what came of them; a sentence and notes."""

    def infer(self) -> Inferred:
        """Run the model twice and look at what comes out."""

    def first(self) -> None:
        """Bring out the first token, vector or image; nothing else."""

    def perform(self, runs: int) -> list[dict[str, Any]]:
        """Measure warm runs."""


def run(job: Mapping[str, Any], emit: Emit) -> None:
    """Do the levels that the job asks for, and tell each as soon as it is there."""
    backend = _backend(job)
    _, import_seconds = measure.timed(backend.start)
    (because, notes), load_seconds = measure.timed(backend.load)
    emit({"event": "passed", "level": "loads", "because": because, "notes": list(notes)})
    if job["mode"] == "cold":
        backend.first()
        figures = measure.summary("cold_start", "s", [measure.since_start()])
        figures += measure.summary("import", "s", [import_seconds]) + measure.summary("load", "s", [load_seconds])
        emit({"event": "figures", "figures": figures})
        return
    emit(measure.machine(backend.device, backend.dtype, backend.libraries))
    if "infers" in job["levels"]:
        told = backend.infer()
        emit(
            {
                "event": "passed",
                "level": "infers",
                "because": told.because,
                "notes": list(told.notes),
                "answer": told.answer,
            }
        )
    if "performs" in job["levels"]:
        figures = backend.perform(job["runs"])
        emit({"event": "figures", "figures": [*figures, *measure.memory(), *measure.cpu_seconds()]})
        emit({"event": "passed", "level": "performs", "because": "", "notes": []})


def _backend(job: Mapping[str, Any]) -> Backend:
    match job["backend"]:
        case "transformers" | "gguf":
            from osaudit.probe.worker.hf import Transformers  # noqa: PLC0415 - one of several

            return Transformers(job)
        case "llama-cpp":
            from osaudit.probe.worker.llama import LlamaCpp  # noqa: PLC0415 - one of several

            return LlamaCpp(job)
        case "onnxruntime":
            from osaudit.probe.worker.ort import OnnxRuntime  # noqa: PLC0415 - one of several

            return OnnxRuntime(job)
        case "diffusers":
            from osaudit.probe.worker.diffusion import Diffusers  # noqa: PLC0415 - one of several

            return Diffusers(job)
        case name:
            raise ValueError(f"no backend {name!r}")
