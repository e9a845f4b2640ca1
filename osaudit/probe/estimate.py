"""What running would take, reckoned from headers before anything is downloaded, and whether this machine has it."""

from __future__ import annotations

from collections.abc import Mapping

from osaudit.probe.backends import Choice, chosen_tensors, needed_files
from osaudit.probe.inventory import Inventory
from osaudit.probe.repository import Repository, sized
from osaudit.proberun import Estimate, shown

# A share on top for caches; bytes of the libraries themselves.
_EXTRA_SHARE = 0.3
_LIBRARIES: Mapping[str, int] = {
    "transformers": 1_000_000_000,
    "gguf": 1_000_000_000,
    "llama-cpp": 400_000_000,
    "onnxruntime": 300_000_000,
    "diffusers": 1_500_000_000,
}
_DEQUANTISED = 4


def estimate(repository: Repository, inventory: Inventory, choice: Choice) -> Estimate:
    """Reckon bytes to download, on disk and in memory, with the arithmetic."""
    sizes = sized(repository)
    needed = needed_files(repository, inventory, choice)
    here = ", which are at hand" if repository.folder else ""
    whole = sum(sizes.get(path, 0) for path in needed)
    download = 0 if repository.folder else whole
    loaded, told = _loaded(sizes, inventory, choice)
    libraries = _LIBRARIES[choice.backend or "transformers"]
    working = int(loaded * (1 + _EXTRA_SHARE))
    memory = working + libraries
    more = f"+ {shown(libraries)} for the libraries = {shown(memory)}"
    return Estimate(
        download=download,
        disk=download,
        memory=memory,
        arithmetic=(
            f"download and disk: {len(needed)} files, {shown(whole)}{here}",
            f"memory: {told} = {shown(loaded)}, x {1 + _EXTRA_SHARE} = {shown(working)}, {more}",
        ),
    )


def _loaded(sizes: Mapping[str, int], inventory: Inventory, choice: Choice) -> tuple[int, str]:
    rows = chosen_tensors(inventory, choice)
    if choice.backend == "gguf":
        numbers = sum(numbers for _, _, numbers in rows)
        held = numbers * _DEQUANTISED
        return held, f"{numbers:,} numbers x {_DEQUANTISED} bytes, as transformers dequantises GGUF"
    held = sum(weights or sizes.get(path, 0) for path, weights, _ in rows)
    return held, f"{len(rows)} weight files as published"


def refusal(needs: Estimate, *, max_download: int, max_memory: int, free_disk: int, asked_memory: bool) -> str | None:
    """Why it is not tried, with the sum that shows it; None where it fits."""
    if needs.download > max_download:
        return f"{needs.arithmetic[0]} to download, and the limit is {shown(max_download)} (--max-download changes it)"
    if needs.disk > free_disk:
        return f"{needs.arithmetic[0]} on disk, and {shown(free_disk)} are free"
    if needs.memory > max_memory:
        limit = "the limit is" if asked_memory else "this machine can spare"
        return f"{needs.arithmetic[1]}, and {limit} {shown(max_memory)} (--max-memory changes it)"
    return None
