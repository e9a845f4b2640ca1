"""What a data set was made from: read off its card, shown in the report's line, and reviewed where it is a crawl."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import Any

import made_snapshots
import pytest
from hub.server import LoopbackHub
from made_snapshots import evidence_of

from osaudit.evidence import DatasetUse, Evidence, ModelRef, Seen
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading import read_snapshot
from osaudit.render.json import render_json
from osaudit.render.jsonread import scorecards_from_json
from osaudit.sources.collect import collect
from osaudit.sources.hub import HubSource
from osaudit.verdict import Scorecard

DATA = ("data/train.parquet", ".gitattributes")


def of_set(card: str, **rest: Any) -> Evidence:
    return evidence_of(card, repo="maker/crumbs", kind="dataset", listed=DATA, **rest)


def named(card: str) -> list[str]:
    return [use.name for use in of_set(card).datasets]


def with_sets(*sets: Evidence) -> Scorecard:
    model = evidence_of("---\nlicense: mit\n---\n# S\n")
    where = made_snapshots.doc_of("# S\n").whole()
    uses = tuple(DatasetUse(found.ref.repo, "pre-training", "high", where, Seen(found)) for found in sets)
    return judge(replace(model, datasets=uses), load_pack(), load_table())


def outcome(card: Scorecard, criterion: str) -> str:
    return next(v.answer.outcome for v in card.verdicts if (v.criterion, v.facet) == (criterion, "data"))


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("[original]", []),
        ("[]", []),
        ("[extended|squad, extended|other-wiki-pages]", ["squad", "wiki-pages"]),
        ("else/loaf", ["else/loaf"]),
        ("[else/loaf, 'https://huggingface.co/datasets/else/bun']", ["else/loaf", "else/bun"]),
        ("{else: loaf}", []),
    ],
)
def test_the_front_matter_names_sources(value: str, names: list[str]) -> None:
    card = f"---\nlicense: mit\nsource_datasets: {value}\n---\n# Crumbs\n"
    assert named(card) == names
    assert all(use.where.lines == (3, 3) and use.confidence == "high" for use in of_set(card).datasets)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("This dataset is derived from [Loaf](https://huggingface.co/datasets/else/loaf).", ["else/loaf"]),
        ("Crumbs is a filtered subset of [Loaf](https://huggingface.co/datasets/else/loaf).", ["else/loaf"]),
        ("The dataset was built from Common Crawl and Wikipedia.", ["Common Crawl", "Wikipedia"]),
        ("Extracted from OpenWebText.", ["OpenWebText"]),
        ("Unlike Crumbs, Loaf is derived from Common Crawl.", []),
        ("Models trained on Crumbs are based on [Loaf](https://huggingface.co/datasets/else/loaf).", []),
        ("This dataset was not collected from Wikipedia.", []),
        ("Existing datasets of this kind were curated from Conceptual Captions.", []),
        ("We took a sample of our pages to replicate the size of ImageNet.", []),
        ("## Evaluation\n\nThe test set is derived from SQuAD.", []),
        ("Crumbs is derived from [Crumbs](https://huggingface.co/datasets/maker/crumbs).", []),
    ],
)
def test_the_words_name_sources(words: str, names: list[str]) -> None:
    assert named(f"# Crumbs\n\n{words}\n") == names


def test_the_line_tells_licences_and_sources_and_a_crawl_is_reviewed() -> None:
    card = "---\nlicense: [cc-by-4.0, odc-by]\nsource_datasets: [extended|c4]\n---\n# Crumbs\n"
    judged = with_sets(of_set(card))
    (line,) = judged.datasets
    assert line.sources == ("c4",)
    assert len(line.licences) == 2
    assert line.note == "made from c4, which holds crawled pages"
    one = with_sets(of_set("---\nlicense: cc-by-4.0\nsource_datasets: [extended|c4]\n---\n# Crumbs\n"))
    plain = with_sets(of_set("---\nlicense: cc-by-4.0\n---\n# Crumbs\n"))
    assert [outcome(plain, f"OSD-{number}") for number in (1, 6)] == ["pass", "pass"]
    assert [outcome(one, f"OSD-{number}") for number in (1, 6)] == ["review", "review"]


def test_a_source_that_was_looked_at_hands_on_its_terms_for_review() -> None:
    loaf = evidence_of("---\nlicense: cc-by-nc-4.0\n---\n# Loaf\n", repo="else/loaf", kind="dataset", listed=DATA)
    crumbs = of_set("---\nlicense: cc-by-4.0\nsource_datasets: [else/loaf]\n---\n# Crumbs\n")
    judged = with_sets(crumbs, loaf)
    assert judged.datasets[0].note.startswith("made from else/loaf under ")
    because = next(v.answer.because for v in judged.verdicts if (v.criterion, v.facet) == ("OSD-6", "data"))
    assert "maker/crumbs is made from else/loaf, whose terms may bind here too" in because


def test_sources_are_named_and_not_fetched(hub: LoopbackHub) -> None:
    hub.hops = False
    hub.add_dataset("maker/crumbs", files={"README.md": "---\nsource_datasets: [else/loaf]\n---\n# C\n"})
    hub.add_dataset("else/loaf", files={"README.md": "# Loaf\n"})
    hub.add_model("maker/s", files={"README.md": "---\ndatasets: [maker/crumbs]\n---\n# S\n"})
    read = partial(read_snapshot, collected_at=made_snapshots.WHEN)
    evidence = collect(ModelRef("maker/s"), open_snapshot=HubSource().fetch, read=read, depth=3)
    (use,) = evidence.datasets
    assert isinstance(use.evidence, Seen)
    assert [source.name for source in use.evidence.value.datasets] == ["else/loaf"]
    assert hub.counts() == {"api": 2, "file": 2}


def test_an_older_report_without_them_is_still_read() -> None:
    judged = with_sets(of_set("---\nlicense: mit\n---\n# Crumbs\n"))
    data = json.loads(render_json([judged]))
    for key in ("licences", "sources", "note"):
        del data["datasets"][0][key]
    (line,) = scorecards_from_json(json.dumps(data))[0].datasets
    assert (line.licences, line.sources, line.note) == ((), (), "")
