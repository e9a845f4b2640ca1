from __future__ import annotations

import os
import re
import stat
import threading
from dataclasses import replace
from pathlib import Path

from samples import CHAT, TINY

from osaudit.cli.output import save, write_reports


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


def test_a_folder_of_pages_has_a_table_that_links_them(tmp_path: Path) -> None:
    cards = [TINY, CHAT, replace(TINY, model="acme/index"), replace(TINY, model="index")]
    write_reports(cards, ((f"{tmp_path}/out/", "html"),))
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"acme--tiny-lm.html", "acme--tiny-lm-chat.html", "acme--index.html", "index.html", "index_.html"}
    table = (tmp_path / "out" / "index_.html").read_text(encoding="utf-8")
    assert {f'href="{name}"' for name in names - {"index_.html"}} <= set(re.findall(r'href="[^"#]+\.html"', table))
    assert "<article" not in table
