"""What the base install does without: told in one line that names the extra."""

from __future__ import annotations

import importlib.util

from osaudit.errors import UsageError

_NEEDS = {
    "sweep": ("duckdb", "pyarrow"),
    "ray": ("ray",),
    "site": ("duckdb", "pyarrow", "filelock", "matplotlib", "pylatexenc"),
}


def require(extra: str) -> None:
    """Raise a UsageError where a package of the extra is not installed."""
    lacking = [name for name in _NEEDS[extra] if importlib.util.find_spec(name) is None]
    if lacking:
        raise UsageError(
            f"this needs {' and '.join(lacking)}, which the base install does without: install osaudit[{extra}], in "
            f"its clone by pip install '.[{extra}]'"
        )
