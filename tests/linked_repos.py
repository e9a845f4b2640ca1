"""Made code repositories in the shapes that real ones have, and the cards that link them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from githost import Entry
from licence_samples import samples

from osaudit.evidence import Evidence, LinkedRepository, Seen
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.sources.git import GitSource
from osaudit.sources.linked import LinkedSource, Mode
from osaudit.sources.store import Store
from osaudit.verdict import Answer, Scorecard

ROOT = Path(__file__).resolve().parents[1]
FILLING: Mapping[str, str] = {
    "training": "def step(batch):\n    loss = model(batch)\n    loss.backward()\n    optimizer.step()\n",
    "fine-tuning": "def step(batch):\n    loss = model(batch)\n    loss.backward()\n",
    "preprocessing": "def run(corpus):\n    return [tokenizer.encode(text) for text in corpus]\n",
    "evaluation": "def run(model):\n    return accuracy(model)\n",
    "settings": "learning_rate: 3.0e-4\nbatch_size: 1024\nseed: 6198\n",
    "data": "url,sha\nhttps://data.acme.example/part-000.npy,0\nhttps://data.acme.example/part-001.npy,1\n",
    "inference": "def chat(model, text):\n    return model.generate(text)\n",
}
README = "# Sparrow\n\nThe models are at https://huggingface.co/acme/sparrow-7b.\n"
STRANGER = "# A tool\n\nIt is for whoever likes it.\n"


def text_of(key: str) -> str:
    """The text of a licence: the project's own, or one of the outside folder."""
    if key == "apache-2.0":
        return (ROOT / "LICENSE").read_text(encoding="utf-8")
    return next(sample.text for sample in samples() if sample.key == key)


def whole_path(readme: str = README, licence: str = "apache-2.0", **more: str | Entry) -> dict[str, str | Entry]:
    """A repository that holds the whole training path."""
    return {
        "README.md": readme,
        "LICENSE": text_of(licence),
        "scripts/train.py": FILLING["training"],
        "scripts/prepare_data.py": FILLING["preprocessing"],
        "scripts/evaluate.py": FILLING["evaluation"],
        "configs/sparrow-7b.yaml": FILLING["settings"],
        **more,
    }


def card(*links: str, tag: str = "apache-2.0", more: str = "") -> str:
    """A card that calls each link its training code."""
    said = "\n".join(f"The code with which we trained this model is at {link}." for link in links)
    return f"---\nlicense: {tag}\nlibrary_name: transformers\n---\n# Sparrow 7B\n\n## Training\n\n{said}\n{more}\n"


def with_code(evidence: Evidence, root: Path, mode: Mode = "always", hosts: tuple[str, ...] = ()) -> Evidence:
    """The evidence with what the loopback host gives of the linked repositories."""
    return LinkedSource(GitSource(Store(root / "cache")), mode, hosts).add(evidence)


def judged(evidence: Evidence) -> Scorecard:
    return judge(evidence, load_pack(), load_table())


def cell(scorecard: Scorecard, name: str) -> Answer:
    number, _, facet = name.partition("-")
    facets = {"T": "training", "D": "data", "W": "weights", "L": "licence"}
    wanted = (f"OSD-{number.removeprefix('C')}", facets[facet])
    return next(v.answer for v in scorecard.verdicts if v.pack == "osd" and (v.criterion, v.facet) == wanted)


def outcomes(scorecard: Scorecard, facet: str) -> dict[str, str]:
    return {v.criterion: v.answer.outcome for v in scorecard.verdicts if v.pack == "osd" and v.facet == facet}


def linked(evidence: Evidence) -> tuple[LinkedRepository, ...]:
    assert isinstance(evidence.linked, Seen)
    return evidence.linked.value
