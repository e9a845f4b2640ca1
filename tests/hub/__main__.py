"""Serve a corpus folder until standard input ends: `python -m tests.hub CORPUS [LATENCY]`; prints the endpoint."""

from __future__ import annotations

import sys
from pathlib import Path

from .corpus import CorpusShelf
from .server import LoopbackHub


def main() -> None:
    with LoopbackHub(CorpusShelf(Path(sys.argv[1]))) as hub:
        hub.latency = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
        sys.stdout.write(f"{hub.endpoint}\n")
        sys.stdout.flush()
        sys.stdin.read()


main()
