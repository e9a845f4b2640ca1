"""Clocks, memory and bandwidth: the figures' raw numbers."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

_FIELDS = {"VmHWM": "memory_peak", "RssAnon": "memory_anonymous", "RssFile": "memory_file"}
_COPIES = 8


def since_start() -> float:
    """Seconds since the keeper started this process."""
    return (time.monotonic_ns() - int(os.environ.get("OSAUDIT_STARTED_NS", time.monotonic_ns()))) / 1e9


def timed(action: Callable[[], Any]) -> tuple[Any, float]:
    """A call's result and its seconds."""
    start = time.perf_counter()
    result = action()
    return result, time.perf_counter() - start


def summary(name: str, unit: str, values: Sequence[float]) -> list[dict[str, Any]]:
    """The median of some runs, with the lowest and the highest; nothing of nothing."""
    if not values:
        return []
    low, high = min(values), max(values)
    return [
        {"id": name, "value": statistics.median(values), "unit": unit, "low": low, "high": high, "runs": len(values)}
    ]


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * len(ordered) * 1000) // 1000) - 1))]


def memory() -> list[dict[str, Any]]:
    """Memory of this process: the peak, and what is its own and what are mapped files."""
    found: list[dict[str, Any]] = []
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return found
    for line in lines:
        field, _, value = line.partition(":")
        if field in _FIELDS:
            found += summary(_FIELDS[field], "bytes", [int(value.split()[0]) * 1024])
    return found


def cpu_seconds() -> list[dict[str, Any]]:
    """Processor time of this process from its start."""
    return summary("cpu", "s", [time.process_time()])


def bandwidth(torch: Any) -> float:  # noqa: ANN401 - the library
    """Bytes a second that memory gives: the best of several copies of a buffer that no cache holds."""
    source = torch.ones(64 * 1024 * 1024, dtype=torch.float32)
    target = torch.empty_like(source)
    seconds = [timed(lambda: target.copy_(source))[1] for _ in range(_COPIES)]
    return float(2 * source.numel() * 4 / min(seconds))


def machine(device: str, dtype: str, libraries: Sequence[str]) -> dict[str, Any]:
    """What the figures hold for."""
    return {
        "event": "machine",
        "device": device,
        "dtype": dtype,
        "python": platform.python_version(),
        "libraries": [[name, version] for name in libraries if (version := _version(name))],
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
