"""Audits of the recorded repositories through the loopback Hub, for the benchmarks that judge verdicts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.cost import clean_environment
from osaudit.errors import OsauditError
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading import read_snapshot
from osaudit.sources.collect import collect
from osaudit.sources.hub import HubSource
from osaudit.sources.refs import parse_ref
from osaudit.verdict import Scorecard
from tests.hub.corpus import CorpusShelf
from tests.hub.server import LoopbackHub

WHEN = "2026-11-23T00:00:00Z"  # stands in no verdict
DEPTH = 4


def recorded(corpus: Path) -> list[str]:
    """The ids of the recorded models."""
    return sorted("/".join(path.parts[-2:]) for path in (corpus / "models").glob("*/*"))


def audits(names: Iterable[str], corpus: Path) -> Iterator[tuple[str, Scorecard | str]]:
    """Audit each model; where it cannot be judged, the reason stands in the scorecard's place."""
    pack, table = load_pack(), load_table()
    with clean_environment(), LoopbackHub(CorpusShelf(corpus)) as hub:
        os.environ["HF_ENDPOINT"] = hub.endpoint
        source, read = HubSource(tries=2), partial(read_snapshot, collected_at=WHEN)
        for name in names:
            if not (corpus / "models" / name).is_dir():
                yield name, "not recorded in the corpus"
                continue
            try:
                evidence = collect(parse_ref(name), open_snapshot=source.fetch, read=read, depth=DEPTH)
            except OsauditError as error:
                yield name, str(error)
                continue
            yield name, judge(evidence, pack, table)
