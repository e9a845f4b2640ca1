"""One model among many: whatever goes wrong with it is its own, and loses none of the others."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable

from osaudit.errors import OsauditError, bug
from osaudit.verdict import Scorecard


def attempt(model: str, audit: Callable[[], Scorecard]) -> Scorecard | OsauditError:
    """Audit one model; its failure is returned, be it trouble that was expected or a bug."""
    try:
        return audit()
    except OsauditError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the boundary of one model
        if os.environ.get("OSAUDIT_DEBUG"):
            traceback.print_exception(error)
        return OsauditError(f"{model}: {bug(error)}")
