"""The backend on llama-cpp-python: GGUF files by the library that they were made for."""

from __future__ import annotations

import importlib
import itertools
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osaudit.probe.worker import measure
from osaudit.probe.worker.inputs import PROMPT
from osaudit.probe.worker.running import Inferred
from osaudit.probe.worker.trouble import NotPossible, Trouble

_ANSWER_TOKENS = 16
_CONTEXT = 512


class LlamaCpp:
    """One GGUF file."""

    libraries: tuple[str, ...] = ("llama_cpp_python", "numpy")

    def __init__(self, job: Mapping[str, Any]) -> None:
        self.device = "cpu"
        self.dtype = "as quantised"
        self._job = job
        self._path = Path(job["folder"]) / job["file"]
        self._library: Any = None
        self._model: Any = None

    def start(self) -> None:
        """Import the library."""
        self._library = importlib.import_module("llama_cpp")
        if self._job["device"] not in {"auto", "cpu"} and not self._library.llama_supports_gpu_offload():
            raise NotPossible(
                f"the device {self._job['device']} was asked for, and this llama.cpp is built without one"
            )
        if self._job["device"] != "cpu" and self._library.llama_supports_gpu_offload():
            self.device = "gpu"

    def load(self) -> tuple[str, tuple[str, ...]]:
        """Load the file."""
        layers = -1 if self.device == "gpu" else 0
        try:
            self._model = self._library.Llama(
                model_path=str(self._path), n_ctx=_CONTEXT, n_gpu_layers=layers, seed=0, verbose=True, logits_all=False
            )
        except (ValueError, RuntimeError) as error:
            raise Trouble("library-error", f"llama.cpp does not load the file: {str(error)[:200]}") from error
        what = self._model.metadata.get("general.architecture", "?")
        return f"llama.cpp loads the {what} model.", ()

    def infer(self) -> Inferred:
        """Answer greedily twice."""
        first, second = self._answer(), self._answer()
        if first != second:
            raise Trouble("not-deterministic", "two greedy runs on the same input differ")
        if not first.strip():
            raise Trouble("no-output", "no text was generated")
        logits = self._logits()
        if not all(map(math.isfinite, logits)):
            raise Trouble("nan-output", "the output holds NaN or infinity")
        if min(logits) == max(logits):
            raise Trouble("constant-output", "every number of the output is the same")
        ids = self._model.tokenize(PROMPT.encode())
        back = self._model.detokenize(ids).decode("utf-8", "replace")
        note = (
            "the tokenizer's round trip gives the text back" if PROMPT in back else f"the tokenizer gives back {back!r}"
        )
        return Inferred("Finite, varied output: a text, the same twice.", (note,), first)

    def first(self) -> None:
        """The first token of a prompt."""
        next(iter(self._stream(self._prompt(), 1)))

    def perform(self, runs: int) -> list[dict[str, Any]]:
        """Warm runs of one prompt, from the model's tokens to each new one."""
        prompt, new = self._prompt(), int(self._job["new_tokens"])
        firsts, gaps, decodes = [], [], []
        for _ in range(runs):
            self._model.reset()
            start = time.perf_counter()
            times = [time.perf_counter() for _ in self._stream(prompt, new)]
            steps = [later - earlier for earlier, later in itertools.pairwise(times)]
            firsts.append(times[0] - start)
            gaps += steps
            decodes += [len(steps) / sum(steps)] if steps else []
        percentiles = [
            (f"inter_token_p{share}", measure.percentile(gaps, share / 100)) for share in (50, 90, 99) if gaps
        ]
        return [
            *measure.summary("warm_ttft", "s", firsts),
            *measure.summary("prefill", "tokens/s", [len(prompt) / spent for spent in firsts]),
            *measure.summary("decode", "tokens/s", decodes),
            *[{**measure.summary(name, "s", [value])[0], "runs": len(gaps)} for name, value in percentiles],
            *measure.summary("prompt_tokens", "tokens", [len(prompt)]),
            *measure.summary("bytes_per_token", "bytes", [self._path.stat().st_size]),
        ]

    def _prompt(self) -> list[int]:
        ids: list[int] = self._model.tokenize((PROMPT + " a city. ").encode() * 64)
        return ids[: int(self._job["prompt_tokens"])]

    def _stream(self, prompt: list[int], count: int) -> Any:  # noqa: ANN401 - an iterator of tokens
        tokens = self._model.generate(prompt, top_k=1, temp=0.0, reset=True)
        return (token for token, _ in zip(tokens, range(count), strict=False))

    def _answer(self) -> str:
        self._model.reset()
        found = self._model.create_completion(PROMPT, max_tokens=_ANSWER_TOKENS, temperature=0.0, top_k=1)
        return str(found["choices"][0]["text"])

    def _logits(self) -> list[float]:
        self._model.reset()
        self._model.eval(self._model.tokenize(PROMPT.encode()))
        pointer = self._library.llama_get_logits(self._model.ctx)
        return [float(pointer[place]) for place in range(self._model.n_vocab())]
