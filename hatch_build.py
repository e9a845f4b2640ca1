"""What hatchling does besides: a wheel brings the file that the program starts from (`osaudit.compiled`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StartHook(BuildHookInterface):  # type: ignore[type-arg] # its configuration is none
    """Makes the file in a process of its own; without it the program is right, and starts more slowly."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put the file into a wheel, or into the checkout that an editable one leads to."""
        if self.target_name != "wheel":
            return
        name = f"compiled.{sys.implementation.cache_tag}.json"
        folder = Path(self.root, "osaudit", "__pycache__")
        folder.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "osaudit.prepare", str(folder / name)]
        made = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)  # noqa: S603 - itself
        if made.returncode:
            self.app.display_warning(f"the wheel starts slowly, without {name}: {made.stderr.strip()[-300:]}")
        elif version != "editable":
            build_data["force_include"][str(folder / name)] = f"osaudit/_data/{name}"
