"""A model's folder with everything but the numbers: its configurations, and a table of the tensors.

Libraries match names and shapes against it as against the whole; a 70B takes some kilobytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from osaudit.probe.backends import Choice, chosen_tensors
from osaudit.probe.inventory import MAX_JSON, Inventory
from osaudit.probe.repository import Repository

TABLE = "tensors.json"
_KEPT = ("config.json", "model_index.json", "generation_config.json", "modules.json", "scheduler_config.json")


def write_skeleton(repository: Repository, inventory: Inventory, choice: Choice, folder: Path) -> Path:
    """Write the skeleton into the folder, and return its path."""
    folder.mkdir(parents=True)
    for file in repository.files:
        if file.path.rpartition("/")[2] in _KEPT:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(repository.read(file.path, 0, MAX_JSON))
    table: dict[str, dict[str, tuple[str, tuple[int, ...]]]] = {}
    loaded = frozenset(path for path, _, _ in chosen_tensors(inventory, choice))
    for weights, name, dtype, shape in _entries(inventory, loaded):
        table.setdefault(weights.rpartition("/")[0], {})[name] = (dtype, shape)
    (folder / TABLE).write_text(json.dumps(table), encoding="utf-8")
    return folder


def _entries(inventory: Inventory, loaded: frozenset[str]) -> Iterator[tuple[str, str, str, tuple[int, ...]]]:
    for header in inventory.safetensors:
        if header.path in loaded:
            yield from ((header.path, one.name, one.dtype, one.shape) for one in header.tensors)
    for pickled in inventory.pickles:
        if pickled.path in loaded:
            yield from ((pickled.path, *entry) for entry in pickled.tensors)
