"""A real leaderboard for a newcomer: `python -m benchmarks.leaderboard -o FOLDER`, which `make leaderboard` calls.

It is made of the recorded repositories in `OSAUDIT_CORPUS`, through a loopback Hub, and where there are none of the
demo's recorded evidence. FOLDER/store is the sweep's store, FOLDER/site the site; both go on with what is there.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.corpus import recorded
from tests.hub.corpus import CorpusShelf
from tests.hub.server import LoopbackHub

ROOT = Path(__file__).resolve().parent.parent
START = ("-c", "from osaudit.cli import main; main()")
JUDGED = {0, 3}
"""How a sweep may end: all was judged, or all but some."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=Path("osaudit-leaderboard"))
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    corpus = Path(os.environ.get("OSAUDIT_CORPUS") or ROOT / ".." / "shared" / "corpus").resolve()
    names = recorded(corpus) if corpus.is_dir() else []
    sources = of_corpus(folder, corpus, names) if names else of_demo(folder)
    run("leaderboard", folder / "store", "-o", folder / "site", "--sources", sources)


def of_corpus(folder: Path, corpus: Path, names: list[str]) -> str:
    """Sweep the recorded repositories, served as a Hub on this machine alone."""
    (folder / "ids.txt").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    with LoopbackHub(CorpusShelf(corpus)) as hub, tempfile.TemporaryDirectory() as home:
        own = {"HF_ENDPOINT": hub.endpoint, "HF_HOME": home, "OSAUDIT_CACHE": home, "HF_TOKEN": ""}
        run("sweep", "-r", folder / "ids.txt", "-o", folder / "store", "--pack", "all", *on(folder), env=own)
    return (
        f"{len(names)} repositories that were recorded for osaudit's own tests, at the commits recorded; they are no "
        "sample of the Hub, weights are recorded by name alone, and what was not recorded counts as not seen."
    )


def of_demo(folder: Path) -> str:
    """Judge the recorded evidence that ships with the program."""
    files = sorted((ROOT / "osaudit" / "demo").glob("*.json"))
    saved = [word for file in files for word in ("--evidence", file)]
    run("sweep", *saved, "-o", folder / "store", "--pack", "all", *on(folder))
    return (
        "The recorded facts that ship with osaudit: names, numbers and hashes at old commits, and no sample of the Hub."
    )


def on(folder: Path) -> tuple[str, ...]:
    return ("--resume",) if (folder / "store").is_dir() else ()


def run(*words: object, env: Mapping[str, str] | None = None) -> None:
    """Run osaudit as this checkout has it; what it says goes to the terminal."""
    command = [sys.executable, *START, *map(str, words)]
    done = subprocess.run(command, env={**os.environ, **(env or {})}, check=False)
    if done.returncode not in JUDGED:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
