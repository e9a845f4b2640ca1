"""Which device runs the model, and how to wait for it."""

from __future__ import annotations

from typing import Any

from osaudit.probe.worker.trouble import NotPossible


def pick(torch: Any, asked: str) -> str:  # noqa: ANN401 - the library
    """The device asked for; else CUDA, else MPS, else the CPU."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if asked != "auto":
        if not there.get(asked.partition(":")[0], False):
            raise NotPossible(f"the device {asked} was asked for, and torch {torch.__version__} finds none here")
        return asked
    return next(name for name, found in there.items() if found)


def wait(torch: Any, device: str) -> None:  # noqa: ANN401 - the library
    """Wait until the device has done what it was told to."""
    if device.startswith("cuda"):
        torch.cuda.synchronize()
    elif device.startswith("mps"):
        torch.mps.synchronize()


def memory(torch: Any, device: str) -> dict[str, int]:  # noqa: ANN401 - the library
    """The device's own memory: what was allocated at most, and reserved."""
    if device.startswith("cuda"):
        return {
            "device_allocated": int(torch.cuda.max_memory_allocated()),
            "device_reserved": int(torch.cuda.max_memory_reserved()),
        }
    if device.startswith("mps"):
        return {
            "device_allocated": int(torch.mps.current_allocated_memory()),
            "device_reserved": int(torch.mps.driver_allocated_memory()),
        }
    return {}
