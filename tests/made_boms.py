"""Models for the tests of bills of materials: evidence built from a few words, judged and described."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from evidence_builder import COMMIT, evidence_of, place
from samples import HOSTILE_TEXTS, HOSTILE_URLS

from osaudit.bom.content import Content, describe
from osaudit.evidence import (
    Absent,
    Base,
    Card,
    Config,
    Cost,
    DatasetUse,
    Evidence,
    Files,
    LicenceClaim,
    LinkedFile,
    LinkedRepository,
    ModelRef,
    Parameters,
    RepoFile,
    Section,
    Seen,
    Setting,
    TieSeen,
    Unknown,
    Unseen,
    Where,
)
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack

LLAMA_TERMS: dict[str, Any] = {"tag": "llama2", "texts": [{"key": "llama2", "path": "LICENSE.txt"}]}
LLAMA: dict[str, Any] = {"name": "meta-llama/Llama-2-7b-hf", "is": LLAMA_TERMS}
UNSEEN_LLAMA = {"name": "meta-llama/Llama-2-7b-hf", "unseen": "the repository is gated"}
OPEN_BASE = {"name": "acme/base-lm", "is": {"tag": "mit"}}


def content_of(case: dict[str, Any] | Evidence, created: str | None = None) -> Content:
    evidence = case if isinstance(case, Evidence) else evidence_of(case)
    return describe(evidence, judge(evidence, load_pack(), load_table()), load_table(), created)


def rich() -> Evidence:
    """A fine-tune of a restricted base with weights, data, lineage of two levels, and a card with sections."""
    evidence = evidence_of(
        {
            "repo": "acme/tuned-lm",
            "tag": "apache-2.0",
            "pipeline": "text-generation",
            "library": "transformers",
            "config": {},
            "datasets": [
                {"name": "acme/talk", "role": "fine-tuning", "is": {"tag": "cc-by-4.0"}},
                {"name": "acme/exam", "role": "evaluation", "is": {"gate": "manual"}},
                {"name": "Common Crawl", "unseen": "it is not a Hub id"},
            ],
            "bases": [
                {
                    "name": "acme/mid-lm",
                    "relation": "quantized",
                    "is": {**LLAMA_TERMS, "bases": [LLAMA]},
                },
                {"name": "LLaMA", "relation": "unknown", "confidence": "low", "unseen": "it is not a Hub id"},
            ],
        }
    )
    files = (
        RepoFile("model-00002-of-00002.safetensors", 123, "b" * 64),
        RepoFile("model-00001-of-00002.safetensors", 4_000_000_000, "a" * 64),
        RepoFile("adapter/ä b.bin", None, None),
        RepoFile("config.json", 7, None),
    )
    assert isinstance(evidence.card, Seen)
    section = Section("Limitations & <b>bias</b>", 2, "limitations", (30, 41))
    line = place("acme/tuned-lm", "README.md", lines=(50, 50))
    front = evidence.card.value.front_matter
    assert isinstance(front, Seen)
    emitted = Cost(
        "emissions", "1500", Seen(1500.0), replace(line, lines=(3, 3), pointer="/co2_eq_emissions/emissions")
    )
    stage = Cost("stage", "fine-tuning", Absent(), line)
    card = replace(
        evidence.card.value,
        front_matter=replace(front, value=replace(front.value, emissions=Seen((emitted, stage), (line,)))),
        sections=(section,),
        costs=(Cost("energy", "12 kWh", Seen(12.0), line), Cost("hardware", "1 GPU", Absent(), line)),
        settings=(Setting("learning_rate", "2e-05", line), Setting("num_epochs", "3", replace(line, lines=(51, 52)))),
    )
    return replace(
        evidence,
        files=Seen(Files(files), (place("acme/tuned-lm", "(file list)"),)),
        card=replace(evidence.card, value=card),
        last_modified=Seen("2026-03-04T05:06:07.000Z"),
        parameters=Seen(Parameters(6_700_000_000)),
    )


def folder() -> Evidence:
    """A local folder: no commit, no page, no account."""
    evidence = evidence_of({"repo": "my model", "tag": "mit"})
    return replace(evidence, source="folder", commit=Absent(), gate=Unknown("a folder has no gate"))


def gated() -> Evidence:
    """A repository whose files were refused."""
    return evidence_of({"repo": "acme/locked", "tag": "llama2", "gate": "manual", "card": "unread", "files": "unknown"})


def circle() -> Evidence:
    """A model that names itself as the base of its base."""
    inner = {"tag": "mit", "bases": [{"name": "acme/ring", "unseen": "it is named in a circle"}]}
    return evidence_of({"repo": "acme/ring", "tag": "mit", "bases": [{"name": "acme/other-ring", "is": inner}]})


def hostile() -> Evidence:
    """Evidence in which every text is somebody's attack."""
    evidence = rich()
    texts = HOSTILE_TEXTS * 3
    places = tuple(
        Where(texts[i], texts[i + 1], texts[i + 2], (1, 2), texts[i + 3], texts[i + 4], texts[i + 5], HOSTILE_URLS[i])
        for i in range(8)
    )
    front = evidence.card.value.front_matter if isinstance(evidence.card, Seen) else Absent()
    assert isinstance(front, Seen)
    metadata = replace(
        front.value, pipeline_tag=Seen(texts[2]), library_name=Seen(texts[3]), language=Seen(tuple(texts))
    )
    sections = tuple(Section(text, 1, "limitations", (-5, 10**9)) for text in texts)
    making: dict[str, Any] = {
        "costs": tuple(Cost("energy", text, Seen(-1.0), places[2]) for text in texts),
        "settings": tuple(Setting(text, text, places[3]) for text in texts),
    }
    return replace(
        evidence,
        ref=ModelRef(texts[6], texts[7]),
        commit=Seen(texts[8]),
        last_modified=Seen("9999-99-99"),
        files=Seen(Files(tuple(RepoFile(f"{text}.safetensors", -1, text) for text in HOSTILE_TEXTS))),
        card=Seen(Card(places[0], 1, truncated=True, front_matter=Seen(metadata), sections=sections, **making)),
        config=Seen(Config(tuple(texts), Seen(texts[1]), True, Absent(), Absent(), Absent())),
        licence_claims=tuple(
            LicenceClaim("any", "front matter", text, (), where) for text, where in zip(texts, places, strict=False)
        ),
        datasets=tuple(DatasetUse(text, "unknown", "low", places[0], Unknown(text)) for text in HOSTILE_TEXTS),
        bases=tuple(
            Base(text, "finetune", "card", "high" if i % 2 else "low", places[1], Unknown(text))
            for i, text in enumerate(HOSTILE_TEXTS)
        ),
        unseen=tuple(Unseen(text, text) for text in HOSTILE_TEXTS),
    )


def many_files(count: int) -> Evidence:
    """A model in many shards."""
    files = tuple(
        RepoFile(f"model-{number:05}-of-{count:05}.safetensors", number, f"{number:064x}")
        for number in range(1, count + 1)
    )
    return replace(evidence_of({"repo": "acme/shards", "tag": "mit"}), files=Seen(Files(files)))


def coded() -> Evidence:
    """A model with two code repositories of its own, one under several licences, and one that is nobody's."""
    repos = {
        "github.com/Acme/Code": [{"key": "apache-2.0"}],
        "git.example.org/acme/tools": [{"key": "apache-2.0"}, {"key": "mit"}],
        "github.com/else/tool": [{"key": "mit"}],
    }
    linked = tuple(_repository(repo, texts) for repo, texts in repos.items())
    return replace(evidence_of({"repo": "acme/coded", "tag": "apache-2.0"}), linked=Seen(linked))


def _repository(repo: str, texts: list[dict[str, Any]]) -> LinkedRepository:
    inner = replace(evidence_of({"texts": texts}), ref=ModelRef(repo, kind="code"), source="git")
    readme = Where(repo, COMMIT, "README.md", (3, 3))
    own = "else" not in repo
    return LinkedRepository(
        repo=repo,
        address=f"https://{repo}",
        where=(place("acme/coded", "README.md"),),
        named_as=("training-code",),
        sure=True,
        role="own" if own else "named",
        evidence=Seen(inner),
        ties=(TieSeen("readme", readme),) if own else (),
        parts=(LinkedFile("training", Where(repo, COMMIT, "train.py", (1, 1)), shown=True),),
    )


MADE: dict[str, Evidence] = {
    "rich": rich(),
    "plain": evidence_of({"repo": "acme/plain", "tag": "mit"}),
    "old id": evidence_of({"repo": "gpt2", "tag": "mit"}),
    "silent": evidence_of({"repo": "acme/silent"}),
    "named by its publisher": evidence_of(
        {"repo": "acme/own", "claims": [{"source": "licence name", "name": "Acme Lizenz v3 (ünïcode)", "keys": []}]}
    ),
    "choice": evidence_of({"repo": "acme/choice", "claims": [{"source": "front matter", "name": "MIT OR Apache-2.0"}]}),
    "list": evidence_of(
        {
            "repo": "acme/list",
            "claims": [{"source": "front matter", "name": "mit"}, {"source": "front matter", "name": "openrail++"}],
        }
    ),
    "of a llama": evidence_of({"repo": "acme/tuned", "tag": "apache-2.0", "bases": [LLAMA]}),
    "folder": folder(),
    "gated": gated(),
    "circle": circle(),
    "many files": many_files(12),
    "hostile": hostile(),
    "coded": coded(),
}

__all__ = ["COMMIT", "LLAMA", "MADE", "OPEN_BASE", "UNSEEN_LLAMA", "content_of", "evidence_of", "many_files", "rich"]
