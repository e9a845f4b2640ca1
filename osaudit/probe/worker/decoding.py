"""The figures of a model that generates: a stamp for each token, as the library itself hands them out."""

from __future__ import annotations

import itertools
import time
from typing import Any

from osaudit.probe.worker import devices, measure
from osaudit.probe.worker.inputs import Inputs


class Stamps:
    """A streamer for `generate`: notes the time of every token and keeps none. The first call brings the prompt."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self._is_prompt = True

    def put(self, _: Any) -> None:  # noqa: ANN401 - a tensor
        """One more token, or the prompt."""
        if not self._is_prompt:
            self.times.append(time.perf_counter())
        self._is_prompt = False

    def end(self) -> None:
        """Nothing is kept."""


def figures_of_decoding(
    torch: Any,  # noqa: ANN401 - the library
    model: Any,  # noqa: ANN401 - the library's
    inputs: Inputs,
    *,
    device: str,
    runs: int,
    new: int,
) -> list[dict[str, Any]]:
    """Time to first token, prefill, decoding and the gaps between tokens, over warm runs of one prompt."""
    firsts, gaps, decodes = [], [], []
    _one(torch, model, inputs, device, 2)
    for _ in range(runs):
        start, times = _one(torch, model, inputs, device, new)
        firsts.append(times[0] - start)
        steps = [later - earlier for earlier, later in itertools.pairwise(times)]
        gaps += steps
        decodes += [len(steps) / sum(steps)] if steps else []
    bandwidth = measure.bandwidth(torch) if device == "cpu" else 0.0
    weights = bytes_per_token(model)
    shares = [weights * rate / bandwidth for rate in decodes] if bandwidth else []
    percentiles = [(f"inter_token_p{share}", measure.percentile(gaps, share / 100)) for share in (50, 90, 99) if gaps]
    return [
        *measure.summary("warm_ttft", "s", firsts),
        *measure.summary("prefill", "tokens/s", [inputs.length / spent for spent in firsts] if inputs.length else []),
        *measure.summary("decode", "tokens/s", decodes),
        *[{**measure.summary(name, "s", [value])[0], "runs": len(gaps)} for name, value in percentiles],
        *measure.summary("prompt_tokens", "tokens", [inputs.length]),
        *measure.summary("bytes_per_token", "bytes", [weights]),
        *measure.summary("memory_bandwidth", "bytes/s", [bandwidth] if bandwidth else []),
        *measure.summary("bandwidth_share", "of 1", shares),
    ]


def _one(torch: Any, model: Any, inputs: Inputs, device: str, new: int) -> tuple[float, list[float]]:  # noqa: ANN401
    stamps = Stamps()
    with torch.inference_mode():
        start = time.perf_counter()
        model.generate(
            **inputs.tables,
            max_new_tokens=new,
            min_new_tokens=new,
            do_sample=False,
            num_beams=1,
            streamer=stamps,
        )
        devices.wait(torch, device)
    return start, stamps.times


def bytes_per_token(model: Any) -> int:  # noqa: ANN401 - the library's
    """The bytes of weights that one token needs: all of them, but for an embedding table that is only looked up in."""
    total = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())
    table = model.get_input_embeddings()
    head = model.get_output_embeddings()
    weight = getattr(table, "weight", None)
    if weight is None or head is None or getattr(head, "weight", None) is weight:
        return int(total)
    return int(total - weight.numel() * weight.element_size())
