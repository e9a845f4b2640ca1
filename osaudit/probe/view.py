"""What the cage's worker may see of this machine: system folders, Python and its libraries, the model, a few devices.

All else, homes, `/tmp` and `/run` among it, is not there for it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

SHOW = "OSAUDIT_CAGE_SHOW"
"""The environment variable that names more folders to show, for libraries that lie elsewhere."""
_SYSTEM = ("bin", "etc", "gnu", "lib", "lib32", "lib64", "libx32", "nix", "opt", "sbin", "sys", "usr")
_PLAIN_DEVICES = ("null", "zero", "full", "random", "urandom")
_GPU_DEVICES = ("nvidia*", "nvidia-caps/*", "dri/*", "kfd", "dxg")
_LIBRARIES = ("LD_LIBRARY_PATH", "CUDA_HOME", SHOW)
_MAX_LINKS = 10_000


def view_of(job: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the paths that a job's worker needs beside its workspace, and the devices."""
    folder = job.get("folder")
    model = _model(Path(folder)) if isinstance(folder, str) else ()
    return {
        "shown": [str(path) for path in _least([*_system(), *_libraries(), *model])],
        "devices": [str(path) for path in _devices()],
    }


def _system() -> Iterator[Path]:
    yield from (Path("/", name) for name in _SYSTEM)


def _libraries() -> Iterator[Path]:
    """Where Python and the libraries lie, by the path that was asked for and by the one that it leads to."""
    named = [
        Path(place) for variable in _LIBRARIES for place in os.environ.get(variable, "").split(os.pathsep) if place
    ]
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    imported = [place for place in map(Path, sys.path) if _is_no_home(place)]
    for place in (*named, *map(Path, prefixes), *imported, Path(__file__).resolve().parents[1]):
        yield from (place.absolute(), place.resolve())
    program = Path(sys.executable)
    for _ in range(10):
        yield program
        if not program.is_symlink():
            break
        program = program.parent / program.readlink()


def _is_no_home(place: Path) -> bool:
    """Whether the place is one for libraries: not a folder that holds a home or what is to be hidden as well."""
    hidden = (Path.home(), Path("/tmp"), Path("/run"), Path("/var/tmp"))  # noqa: S108 - hidden, not used
    return not any(one.is_relative_to(place.resolve()) for one in hidden)


def _model(folder: Path) -> Iterator[Path]:
    """The model's folder; in a cache of the Hub's client, the blobs that its links lead to as well."""
    yield folder
    blobs = folder.parent.parent / "blobs"
    if folder.parent.name != "snapshots" or blobs.is_symlink():
        return
    for number, path in enumerate(folder.rglob("*")):
        if number > _MAX_LINKS:
            break
        target = path.resolve() if path.is_symlink() else path
        if target.parent == blobs and target.is_file():
            yield target


def _devices() -> Iterator[Path]:
    yield from (Path("/dev", name) for name in _PLAIN_DEVICES)
    for pattern in _GPU_DEVICES:
        yield from (path for path in sorted(Path("/dev").glob(pattern)) if not path.is_dir())


def _least(paths: Iterable[Path]) -> list[Path]:
    """The paths that exist, parents first, without those that lie in another of them."""
    kept: set[Path] = set()
    for path in sorted(set(paths), key=lambda path: len(path.parts)):
        if path != Path("/") and path.exists() and kept.isdisjoint((path, *path.parents)):
            kept.add(path)
    return sorted(kept, key=lambda path: (len(path.parts), path))
