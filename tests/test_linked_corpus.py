"""The recorded models with the recorded code repositories attached: which cells these fill, and which stay open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from githost import GitHost, Recorded
from hub.corpus import CorpusShelf
from hub.repos import Repo, Shelf
from hub.server import LoopbackHub
from linked_repos import FILLING, cell, judged, outcomes, text_of, whole_path

from osaudit.reading import read_snapshot
from osaudit.render.grid import ranked
from osaudit.sources.collect import collect
from osaudit.sources.git import GitSource
from osaudit.sources.hub import HubSource
from osaudit.sources.linked import LinkedSource, Mode, SharedSights
from osaudit.sources.refs import parse_ref
from osaudit.sources.store import Store
from osaudit.verdict import Scorecard

OLMO = "allenai/OLMo-2-1124-13B-Instruct"
PYTHIAS = ("EleutherAI/pythia-70m", "EleutherAI/pythia-12b-deduped")
RECORDED = (
    *("allenai/OLMo", "allenai/open-instruct", "EleutherAI/pythia", "EleutherAI/gpt-neox"),
    "mistralai/mistral-inference",
)
SETS = (
    *("allenai/RLVR-MATH", "allenai/RLVR-GSM", "allenai/tulu-3-sft-olmo-2-mixture"),
    *("allenai/olmo-2-1124-13b-preference-mix", "the_pile", "EleutherAI/the_pile_deduplicated"),
)
CLOSED = (
    *("mistralai/Mistral-7B-Instruct-v0.3", "meta-llama/Llama-2-7b-hf", "meta-llama/Llama-3.1-8B-Instruct"),
    *("Qwen/Qwen-7B", "Qwen/Qwen2.5-7B-Instruct", "Qwen/Qwen3-0.6B", "openai/gpt-oss-20b"),
)


@dataclass
class WithSets:
    """The recorded repositories, and the data sets that the cards name and that were not recorded."""

    recorded: CorpusShelf
    sets: Shelf = field(default_factory=Shelf)

    def find(self, kind: str, repo_id: str) -> Repo | None:
        return self.sets.find(kind, repo_id) or self.recorded.find(kind, repo_id)

    def moved_to(self, kind: str, repo_id: str) -> str | None:
        return self.recorded.moved_to(kind, repo_id)

    def ids(self, kind: str) -> list[str]:
        return self.recorded.ids(kind)


@dataclass
class Looked:
    """Audits with the two loopback hosts; models that link one repository share what was fetched of it."""

    root: Path
    host: GitHost
    shared: SharedSights = field(default_factory=SharedSights)

    def audit(self, name: str, mode: Mode = "auto") -> Scorecard:
        source = LinkedSource(GitSource(Store(self.root / "cache")), mode, shared=self.shared)
        read = partial(read_snapshot, collected_at="2026-11-30T00:00:00Z")
        return judged(collect(parse_ref(name), open_snapshot=HubSource(tries=2).fetch, read=read, linked=source.add))


@pytest.fixture
def shelf(corpus: Path) -> WithSets:
    return WithSets(CorpusShelf(corpus))


@pytest.fixture
def looked(
    shelf: WithSets, linked_folder: Path, git_hosted: GitHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Looked]:
    recorded = Recorded(linked_folder)
    for repo in RECORDED:
        recorded.serve(git_hosted, repo, FILLING)
    with LoopbackHub(shelf) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        yield Looked(tmp_path, git_hosted)


def open_cells(scorecard: Scorecard) -> list[tuple[str, str]]:
    osd = (verdict for verdict in scorecard.verdicts if verdict.pack == "osd")
    return [(verdict.criterion, verdict.facet) for verdict in osd if verdict.answer.outcome == "review"]


def test_olmo_and_pythia_fill_their_training_cells_and_leave_little_to_a_person(looked: Looked) -> None:
    """What stays open is the data sets, none of which is recorded, and Pythia's weights, whose list is not whole."""
    for name in (OLMO, *PYTHIAS):
        scorecard = looked.audit(name)
        assert scorecard.label.at_best == "open-source-ai", name
        assert set(outcomes(scorecard, "training").values()) == {"pass", "not_applicable"}, name
        data = [("OSD-1", "data"), ("OSD-2", "data")]
        weights = [(criterion, "weights") for criterion in ("OSD-1", "OSD-2", "OSD-10")]
        assert sorted(open_cells(scorecard)) == sorted(data if name == OLMO else [*data, *weights])
        waiting = [v for v in scorecard.verdicts if v.answer.waits_for]
        assert {(v.facet, v.answer.waits_for, v.answer.outcome) for v in waiting} == {
            ("data", "OSD-1/data", "not_applicable")
        }
        assert len(waiting) == 7
        assert scorecard.score.high == 100


def test_with_the_data_sets_at_hand_each_of_them_is_asked(looked: Looked, shelf: WithSets) -> None:
    for name in SETS:
        files = {"README.md": "---\nlicense: odc-by\n---\n# A set\n", "data/train.parquet": "x"}
        shelf.sets.add("dataset", name, files)
    for name in (OLMO, *PYTHIAS):
        scorecard = looked.audit(name)
        assert scorecard.label.at_best == "open-source-ai", name
        assert not [v for v in scorecard.verdicts if v.answer.waits_for]
        assert len(open_cells(scorecard)) <= 6, open_cells(scorecard)


def test_they_stand_above_those_that_publish_neither(looked: Looked) -> None:
    ours = [looked.audit(name) for name in (OLMO, *PYTHIAS)]
    closed = [looked.audit(name, "never") for name in CLOSED]
    for scorecard in closed:
        assert cell(scorecard, "C2-D").outcome == cell(scorecard, "C2-T").outcome == "fail"
        assert all(scorecard.score.high < one.score.low for one in ours), scorecard.model
    order = [scorecard.model for scorecard in ranked([*closed, *ours])]
    assert order[0] == OLMO
    assert set(order[:3]) == {OLMO, *PYTHIAS}


def test_models_that_share_a_repository_ask_for_it_once(looked: Looked) -> None:
    for name in PYTHIAS:
        looked.audit(name)
    for repo in ("EleutherAI/pythia", "EleutherAI/gpt-neox"):
        commands = [path for method, path in looked.host.asked if method == "GET" and f"/{repo}/" in path]
        assert len(commands) == 3, repo
    looked.host.asked.clear()
    again = Looked(looked.root, looked.host)
    assert again.audit(PYTHIAS[0]) == looked.audit(PYTHIAS[0])
    assert [path for _, path in looked.host.asked if "EleutherAI" in path] == []


def test_the_closed_ones_never_rise(looked: Looked) -> None:
    """Their code runs models, and lets users tune them: that trained none of them."""
    for repo, owner in (
        ("QwenLM/Qwen", "Qwen/Qwen-7B"),
        ("QwenLM/Qwen2.5", "Qwen/Qwen2.5-7B"),
        ("QwenLM/Qwen3", "Qwen/Qwen3-0.6B"),
        ("openai/gpt-oss", "openai/gpt-oss-20b"),
        ("facebookresearch/llama", "meta-llama/Llama-2-7b-hf"),
        ("meta-llama/llama3", "meta-llama/Meta-Llama-3-8B"),
    ):
        looked.host.add(f"github.com/{repo}", for_users(owner))
    looked.host.add("github.com/meta-llama/llama-recipes", whole_path("meta-llama/Llama-3.1-8B\n"))
    for name in CLOSED:
        before, after = looked.audit(name, "never"), looked.audit(name, "always")
        assert after.label.id == before.label.id, name
        assert after.label.at_best == before.label.at_best, name
        assert after.score.low <= before.score.low, name
        assert after.score.high <= before.score.high, name
        assert after.linked, name


def for_users(model: str) -> Mapping[str, str]:
    """What the maker of open weights publishes: code that runs them, evaluates them, and tunes them further."""
    return {
        "README.md": f"# It\n\nSee https://huggingface.co/{model}. We provide finetune.py to tune it on your data.\n",
        "LICENSE": text_of("apache-2.0"),
        "finetune.py": FILLING["fine-tuning"],
        "finetune/ds_config_zero2.json": '{"optimizer": {"type": "AdamW", "lr": "auto"}}\n',
        "finetune/finetune_lora.sh": "torchrun finetune.py\n",
        "eval/evaluate_mmlu.py": FILLING["evaluation"],
        "src/model.py": FILLING["inference"],
        "inference/configs/config_7B.json": '{"n_layers": 32}\n',
        "examples/train/config.yaml": FILLING["settings"],
        "examples/train/train.py": FILLING["training"],
    }
