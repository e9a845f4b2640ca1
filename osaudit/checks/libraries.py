"""Which open library loads a model whose code is not in its own repository."""

from __future__ import annotations

import functools
from collections.abc import Callable

from osaudit import contents
from osaudit.checks.cards import front_matter, weight_files
from osaudit.evidence import Evidence, Seen
from osaudit.frozen import dataclass
from osaudit.yamlfile import own_table

_BY_FILE = {"model_index.json": "diffusers", "modules.json": "sentence-transformers", "adapter_config.json": "peft"}
_BY_FORMAT = {"gguf": "gguf", "onnx": "onnx"}


@dataclass(frozen=True, slots=True)
class Library:
    """An open library: its Hub id, its name, and the SPDX id of its licence."""

    id: str
    name: str
    spdx: str


@functools.cache
def known_libraries() -> dict[str, Library]:
    """Load the table of known open libraries, by Hub id."""
    rows = own_table("known-libraries.yaml")
    return {row["id"]: Library(row["id"], row["name"], row["spdx"]) for row in rows}


def open_library(evidence: Evidence) -> Library | None:
    """Find the open library that loads the model: declared, or told by its configuration, files or formats."""
    known = known_libraries()
    return next((known[name] for find in _FINDERS if (name := find(evidence)) in known), None)


def _declared(evidence: Evidence) -> str:
    front = front_matter(evidence.card)
    return front.library_name.value.lower() if front and isinstance(front.library_name, Seen) else ""


def _paths(evidence: Evidence) -> tuple[str, ...]:
    return tuple(entry.path for entry in evidence.files.value.entries) if isinstance(evidence.files, Seen) else ()


def _by_files(evidence: Evidence) -> str:
    paths = frozenset(_paths(evidence))
    return next((library for name, library in _BY_FILE.items() if name in paths), "")


def _by_config(evidence: Evidence) -> str:
    match evidence.config:
        case Seen(config, _):
            return "transformers" if config.architectures or isinstance(config.model_type, Seen) else ""
        case _:
            return ""


def _by_format(evidence: Evidence) -> str:
    listed = weight_files(evidence.files.value) if isinstance(evidence.files, Seen) else ()
    formats = {contents.weight_format(entry.path) for entry in listed}
    return next((library for form, library in _BY_FORMAT.items() if formats == {form}), "")


_FINDERS: tuple[Callable[[Evidence], str], ...] = (_declared, _by_files, _by_config, _by_format)
"""What is asked for the library's id, one after the other, until one names a known one."""
