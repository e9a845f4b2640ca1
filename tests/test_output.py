from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

from osaudit.cli.output import save


def test_a_pipe_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    """As root, a rename would put a plain file where /dev/null was."""
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    save(pipe, "a report\n")
    reader.join(10)
    assert read == ["a report\n"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    file.write_text("an older and longer report")
    save(file, "new\n")
    assert file.read_text() == "new\n"
    assert [path.name for path in tmp_path.iterdir()] == ["report.txt"]
