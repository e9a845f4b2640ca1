"""osaudit: how open an AI model really is, with the evidence for each verdict.

The public names are those of `osaudit.audit`, `osaudit.errors` and `osaudit.verdict` that `__all__` lists; each is
imported when it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osaudit.audit import Asking as Asking
    from osaudit.audit import Looking as Looking
    from osaudit.audit import asking as asking
    from osaudit.audit import audit_model as audit_model
    from osaudit.audit import audit_models as audit_models
    from osaudit.audit import collect_evidence as collect_evidence
    from osaudit.errors import OsauditError as OsauditError
    from osaudit.errors import UsageError as UsageError
    from osaudit.evidence import Evidence as Evidence
    from osaudit.verdict import Failure as Failure
    from osaudit.verdict import Scorecard as Scorecard

__version__ = "0.1.0"

_HOME = {
    "Asking": "osaudit.audit",
    "Evidence": "osaudit.evidence",
    "Failure": "osaudit.verdict",
    "Looking": "osaudit.audit",
    "OsauditError": "osaudit.errors",
    "Scorecard": "osaudit.verdict",
    "UsageError": "osaudit.errors",
    "asking": "osaudit.audit",
    "audit_model": "osaudit.audit",
    "audit_models": "osaudit.audit",
    "collect_evidence": "osaudit.audit",
}

__all__ = [*_HOME, "__version__"]  # noqa: PLE0604 - names, all of them


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
