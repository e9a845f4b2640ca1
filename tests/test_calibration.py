"""The rubric's calibration table, and every recorded repository in every recorded state, through the loopback Hub.

The whole way: the unmodified client, the Hub source, reading, judging. The corpus is read where it lies, never copied.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hub.corpus import CorpusShelf
from hub.server import LoopbackHub
from test_checks import assert_well_formed
from test_judge import OPEN, answer, judged, outcome
from test_uses import assert_no_hasty_yes

from osaudit.errors import OsauditError
from osaudit.evidence import Evidence, ModelRef, Seen
from osaudit.judge import judge
from osaudit.label import RUNGS
from osaudit.licences.locators import holds, locators_of
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading import read_snapshot
from osaudit.render.json import render_json
from osaudit.snapshot import Snapshot
from osaudit.sources.collect import collect
from osaudit.sources.hub import HubSource
from osaudit.verdict import Scorecard

pytestmark = pytest.mark.slow

WHEN = "2026-11-23T00:00:00Z"
SHARES = 6
_LICENCE_FAILS = re.compile(r"L\d+")


@dataclass(slots=True)
class Audits:
    """Audits of the recorded repositories, each repository fetched and read once in this process."""

    source: HubSource
    snapshots: dict[ModelRef, Snapshot | OsauditError] = field(default_factory=dict)
    evidence: dict[int, Evidence] = field(default_factory=dict)
    cards: dict[ModelRef, Scorecard] = field(default_factory=dict)

    def card(self, repo: str, revision: str | None = None) -> Scorecard:
        ref = ModelRef(repo, revision)
        if ref not in self.cards:
            found = collect(ref, open_snapshot=self._fetch, read=self._read, depth=4)
            self.cards[ref] = judge(found, load_pack(), load_table())
        return self.cards[ref]

    def _fetch(self, ref: ModelRef) -> Snapshot:
        if ref not in self.snapshots:
            try:
                self.snapshots[ref] = self.source.fetch(ref)
            except OsauditError as error:
                self.snapshots[ref] = error
        found = self.snapshots[ref]
        if isinstance(found, OsauditError):
            raise OsauditError(str(found), exit_code=found.exit_code)
        return found

    def _read(self, snapshot: Snapshot) -> Evidence:
        if id(snapshot) not in self.evidence:
            self.evidence[id(snapshot)] = read_snapshot(snapshot, collected_at=WHEN)
        return self.evidence[id(snapshot)]


_SHARED: dict[str, Audits] = {}


@pytest.fixture
def audits(corpus_hub: LoopbackHub) -> Audits:
    return _SHARED.setdefault(corpus_hub.endpoint, Audits(HubSource(store=None)))


def fails(card: Scorecard) -> set[str]:
    return {v.facet[0].upper() + v.criterion[4:] for v in card.verdicts if v.answer.outcome == "fail"}


def licence_fails(card: Scorecard) -> set[str]:
    return {cell for cell in fails(card) if _LICENCE_FAILS.fullmatch(cell)}


# --- the calibration table

TABLE: list[tuple[str, str, str, str]] = [  # model, licence fails that must stand, all others must not; the label
    ("mistralai/Mistral-7B-v0.1", "", "D2 T2", "open-weights"),
    ("meta-llama/Llama-2-7b-hf", "L5 L6 L7", "D2 T2", "weights-available"),
    ("tiiuae/falcon-7b", "L1 L6 L7", "T2", "weights-available"),
    ("tiiuae/falcon-40b", "L1 L6 L7", "T2", "weights-available"),
    ("tiiuae/falcon-7b-instruct", "", "T2", "open-weights"),
    ("stabilityai/stable-diffusion-xl-base-1.0", "L6", "D2 T2", "weights-available"),
    ("Qwen/Qwen-7B", "L5 L6 L7", "", "weights-available"),
    ("Qwen/Qwen2.5-7B-Instruct", "", "D2 T2", "open-weights"),
    ("Qwen/Qwen2.5-3B-Instruct", "L1 L6", "", "weights-available"),
    ("bigscience/bloom-560m", "L6", "", "weights-available"),
    ("openai/gpt-oss-20b", "", "D2 T2", "open-weights"),
    ("openai/whisper-medium", "", "D2 T2", "open-weights"),
    ("allenai/OLMo-2-1124-13B-Instruct", "", "", "open-weights"),
]


@pytest.mark.corpus
@pytest.mark.parametrize(("model", "closed", "label"), [(row[0], row[1], row[3]) for row in TABLE])
def test_licence_cells_and_label(audits: Audits, model: str, closed: str, label: str) -> None:
    card = audits.card(model)
    assert licence_fails(card) == set(closed.split())
    assert card.label.id == label
    assert card.label.determined


def _open_cells() -> Iterator[Any]:
    for model, _, cells, _ in TABLE:
        for cell in cells.split():
            yield pytest.param(model, cell)


@pytest.mark.corpus
@pytest.mark.parametrize(("model", "cell"), list(_open_cells()))
def test_data_and_training_fail_where_the_table_says_so(audits: Audits, model: str, cell: str) -> None:
    assert cell in fails(audits.card(model)), answer(audits.card(model), cell).because


@pytest.mark.corpus
def test_mistral_fails_in_criterion_2_alone(audits: Audits) -> None:
    card = audits.card("mistralai/Mistral-7B-v0.1")
    assert fails(card) == {"D2", "T2"}
    licence = dict(card.licences)["weights"]
    assert (licence.key, licence.basis) == ("apache-2.0", "declared by publisher")
    assert "no-licence-text" in [finding.kind for finding in card.risks]
    assert card.conflicts == ()


@pytest.mark.corpus
def test_llama_2_is_quoted_from_its_licence_file(audits: Audits) -> None:
    card = audits.card("meta-llama/Llama-2-7b-hf")
    for cell, basis in (("L5", "osi-stated"), ("L6", "osi-stated"), ("L7", "licence text")):
        found = answer(card, cell)
        assert found.basis == basis
        assert found.where
        for place in found.where:
            assert place.path == "LICENSE.txt"
            assert place.lines
            assert place.quote
            assert place.sha256


@pytest.mark.corpus
@pytest.mark.parametrize(
    "name",
    [
        "meta-llama/Llama-2-7b-hf",
        "stabilityai/stable-diffusion-xl-base-1.0",
        "Qwen/Qwen2.5-3B-Instruct",
        "Qwen/Qwen2.5-7B-Instruct",
        "tiiuae/falcon-7b",
        "openai/gpt-oss-20b",
    ],
)
def test_what_rests_on_a_text_quotes_the_sentence_that_decides(audits: Audits, name: str) -> None:
    card = audits.card(name)
    key = dict(card.licences)["weights"].key or ""
    for verdict in card.verdicts:
        answer_ = verdict.answer
        settled = answer_.outcome in {"pass", "partial", "fail"} and answer_.basis in {"licence text", "osi-stated"}
        if verdict.pack == "osd" and verdict.facet == "licence" and settled:
            quotes = [place.quote or "" for place in answer_.where]
            rows = locators_of(key).criteria.get(int(verdict.criterion.removeprefix("OSD-")), ())
            assert all(quotes), verdict.criterion
            assert not rows or any(holds(quote, row) for quote in quotes for row in rows), verdict.criterion


@pytest.mark.corpus
def test_falcon_changed_its_terms_and_the_same_code_reads_both(audits: Audits) -> None:
    assert dict(audits.card("tiiuae/falcon-7b").licences)["weights"].key == "tii-falcon-llm-1.0"
    newest = audits.card("tiiuae/falcon-7b-instruct")
    assert dict(newest.licences)["weights"].key == "apache-2.0"
    assert outcome(newest, "D2") in {"partial", "fail"}
    assert outcome(newest, "W10") == "partial", "remote code in the repository"
    assert not [finding for finding in newest.conflicts if finding.kind.startswith("lineage")]


@pytest.mark.corpus
def test_each_state_of_falcon_7b_instruct_has_the_licence_of_its_day(audits: Audits, corpus: Path) -> None:
    repo = CorpusShelf(corpus).find("model", "tiiuae/falcon-7b-instruct")
    assert repo is not None
    found = [audits.card("tiiuae/falcon-7b-instruct", commit.sha) for commit in repo.commits]
    keys = [licence.key for card in found if (licence := dict(card.licences)["weights"]).key]
    assert dict(found[0].licences)["weights"].key is None, "at first nothing was said"
    assert set(keys) >= {"tii-falcon-llm-1.0", "apache-2.0"}
    assert keys == sorted(keys, reverse=True), "TII's terms first, Apache-2.0 then"
    assert [card.label.id == "open-weights" for card in found[1:]] == [key == "apache-2.0" for key in keys]


@pytest.mark.corpus
def test_qwen_7b_has_no_tag_and_is_judged_by_its_text(audits: Audits) -> None:
    licence = dict(audits.card("Qwen/Qwen-7B").licences)["weights"]
    assert (licence.key, licence.basis) == ("tongyi-qianwen", "licence text")
    assert all(place.path == "LICENSE" for place in licence.where)


@pytest.mark.corpus
@pytest.mark.parametrize("model", ["allenai/OLMo-2-1124-13B-Instruct", "EleutherAI/pythia-70m"])
def test_the_openest_end_may_reach_open_source_ai(audits: Audits, model: str) -> None:
    card = audits.card(model)
    assert licence_fails(card) == set()
    assert card.label.at_best in {"open-source-ai", "open-source-ai-open-data"}
    assert not card.label.candidate


@pytest.mark.corpus
def test_internlm_20b_is_lowered_by_its_cards_words(audits: Audits) -> None:
    card = audits.card("internlm/internlm-20b")
    assert RUNGS.index(card.label.id) <= RUNGS.index("weights-available")
    assert "card-restriction" in [finding.kind for finding in card.conflicts]
    assert outcome(card, "L7") == "review"


MADE = [
    ("Falcon-180B", "falcon-180b", {"L6", "L7"}),
    ("SDXL Turbo", "stabilityai-nc", {"L1", "L6"}),
    ("Qwen2.5-72B", "qwen", {"L5", "L7"}),
    ("StarCoder2", "bigcode-openrail-m", {"L6"}),
]


@pytest.mark.parametrize(("key", "closed"), [pytest.param(*row[1:], id=row[0]) for row in MADE])
def test_rows_without_a_snapshot(key: str, closed: set[str]) -> None:
    for case in ({"tag": key}, {"texts": [{"key": key}], "tag": "other"}):
        card = judged(**{**OPEN, **case})
        assert licence_fails(card) == closed
        assert card.label.id == "weights-available"


# --- every recorded repository


@pytest.mark.corpus
@pytest.mark.parametrize("share", range(SHARES))
def test_every_recorded_state_is_judged_in_words_with_places(audits: Audits, corpus: Path, share: int) -> None:
    shelf = CorpusShelf(corpus)
    models = shelf.ids("model")
    assert len(models) >= 100
    for model in models[share::SHARES]:
        repo = shelf.find("model", model)
        assert repo is not None
        for revision in (None, *(commit.sha for commit in repo.commits)):
            _assert_sound(audits.card(model, revision))


def _assert_sound(card: Scorecard) -> None:
    assert len(card.verdicts) == 40
    for verdict in card.verdicts:
        assert_well_formed(verdict.answer)
        assert verdict.answer.outcome != "pass" or verdict.answer.where, (card.model, verdict.criterion, verdict.facet)
    assert_no_hasty_yes(card)
    assert RUNGS.index(card.label.id) <= RUNGS.index(card.label.at_best)
    assert all(finding.where for finding in card.conflicts), card.model
    assert json.loads(render_json([card]))["model"] == card.model


@pytest.mark.corpus
def test_no_derivative_that_sheds_its_bases_terms_is_open(audits: Audits, corpus: Path) -> None:
    shed = [
        row["model"]
        for row in json.loads((corpus / "LAUNDERING.json").read_text("utf-8"))
        if "/" in row["model"] and re.search(r"llama|LLaMA|gemma|research", row["base_licence"])
    ]
    assert len(shed) >= 7
    for model in shed:
        card = audits.card(model)
        assert RUNGS.index(card.label.id) <= RUNGS.index("weights-available"), model


@pytest.mark.corpus
def test_same_bytes_on_the_second_look(audits: Audits) -> None:
    first = audits.card("meta-llama/Llama-2-7b-hf")
    again = collect(ModelRef("meta-llama/Llama-2-7b-hf"), open_snapshot=audits._fetch, read=audits._read, depth=4)
    assert isinstance(again.commit, Seen)
    assert render_json([judge(again, load_pack(), load_table())]) == render_json([first])
