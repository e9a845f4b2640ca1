"""What hatchling does besides: a wheel brings the file that the program starts from (`osaudit.compiled`).

Source and wheel bring the commit that they were made from (`osaudit.built`).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StartHook(BuildHookInterface):  # type: ignore[type-arg] # its configuration is none
    """Makes the file in a process of its own; without it the program is right, and starts more slowly."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put the file into a wheel, or into the checkout that an editable one leads to; and the commit into both."""
        if version != "editable":
            place = "build.json" if self.target_name == "sdist" else "osaudit/_data/build.json"
            build_data["force_include"][str(self._commit_file())] = place
        if self.target_name != "wheel":
            return
        name = f"compiled.{sys.implementation.cache_tag}.bin"
        folder = Path(self.root, "osaudit", "__pycache__")
        folder.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "osaudit.prepare", str(folder / name)]
        made = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)  # noqa: S603 - itself
        if made.returncode:
            self.app.display_warning(f"the wheel starts slowly, without {name}: {made.stderr.strip()[-300:]}")
        elif version != "editable":
            build_data["force_include"][str(folder / name)] = f"osaudit/_data/{name}"

    def _commit_file(self) -> Path:
        """Write the commit down, or keep what an sdist brought; `unknown` without git, or where files are changed."""
        brought = Path(self.root, "build.json")
        if brought.is_file():
            return brought
        file = Path(self.root, "osaudit", "__pycache__", "build.json")
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"commit": self._commit()}) + "\n", "utf-8")
        return file

    def _commit(self) -> str:
        if not Path(self.root, ".git").exists() or self._git("status", "--porcelain", "--untracked-files=no") != "":
            return "unknown"
        head = self._git("rev-parse", "HEAD") or ""
        return head if re.fullmatch("[0-9a-f]{40}", head) else "unknown"

    def _git(self, *words: str) -> str | None:
        try:
            told = subprocess.run(  # noqa: S603 - the user's own git, over the user's own checkout
                ["git", *words],  # noqa: S607 - wherever it stands
                cwd=self.root,
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return told.stdout.strip() if told.returncode == 0 else None
