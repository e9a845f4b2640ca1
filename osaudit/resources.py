"""Where the project's data folders are: beside the installed package, else in the checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_HOME = _PACKAGE / "_data" if (_PACKAGE / "_data").is_dir() else _PACKAGE.parent


def data_path(*parts: str) -> Path:
    """Return the path of a file under `criteria/`, `reports/` or, for its figures, `docs/accuracy.md`."""
    return _HOME.joinpath(*parts)
