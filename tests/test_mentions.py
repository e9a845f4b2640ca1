"""Mentions of families in a card: each is explained in its own clause, or lowers the gate's cells."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path

import pytest
import yaml
from made_snapshots import evidence_of

from osaudit.evidence import ModelRef, Where
from osaudit.judge import judge
from osaudit.licences.families import OPEN, all_families, family_of
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading.lineage.configured import recorded_bases
from osaudit.reading.lineage.explained import is_explained
from osaudit.resources import data_path
from osaudit.verdict import Scorecard

HERE = Path(__file__).parent
CASES = yaml.safe_load((HERE / "mentions.yaml").read_text(encoding="utf-8"))
CARD = "---\nlicense: apache-2.0\n---\n# Sparrow\n\n## {heading}\n\n{words}\n"
PACK, TABLE = load_pack(), load_table()
MAX_LISTED = 4  # four names of data sets are those of families
BASE = "[meta-llama/Llama-2-7b-hf](https://huggingface.co/meta-llama/Llama-2-7b-hf)"
MADE = f"This model is a fine-tuned version of {BASE} on the twigs dataset."


def judged(card: str) -> Scorecard:
    listed = ("model.safetensors", "config.json", ".gitattributes")
    return judge(evidence_of(card, repo="maker/sparrow-7b", listed=listed), PACK, TABLE)


def licence_cells(card: Scorecard) -> set[str]:
    return {verdict.answer.outcome for verdict in card.verdicts if verdict.facet == "licence"}


@pytest.mark.parametrize("heading", ["About", "How to use"])
@pytest.mark.parametrize(("words", "family"), CASES["beneath"])
def test_a_mention_that_nothing_explains_lowers_the_gate(words: str, family: str, heading: str) -> None:
    card = CARD.format(heading=heading, words=words)
    bases = evidence_of(card, repo="maker/sparrow-7b").bases
    assert family in {found.id for base in bases if (found := family_of(base.name))}, bases
    assert {"review", "fail"} & licence_cells(judged(card))
    assert judged(card).label.id == "weights-available"


@pytest.mark.parametrize("words", CASES["beside"])
def test_an_explained_mention_is_no_base(words: str) -> None:
    bases = evidence_of(CARD.format(heading="About", words=words), repo="maker/sparrow-7b").bases
    assert [base.name for base in bases if family_of(base.name)] == []


def test_there_are_cases_enough_in_several_scripts() -> None:
    words = [*(row[0] for row in CASES["beneath"]), *CASES["beside"]]
    assert len(words) >= 60
    assert sum(not sentence.isascii() for sentence in words) >= 12


@pytest.mark.parametrize("heading", ["results", "eval", "data", "testing", "Citation", "Limitations", "Training data"])
def test_no_heading_silences_what_a_model_was_made_from(heading: str) -> None:
    (base,) = evidence_of(CARD.format(heading=heading, words=MADE), repo="maker/sparrow-7b").bases
    assert (base.name, base.confidence) == ("meta-llama/Llama-2-7b-hf", "high")


@pytest.mark.parametrize("base", ["nvidia/mit-b0", "microsoft/phi-2", "acme/egg-2"])
def test_a_data_set_behind_a_base_does_not_hide_it(base: str) -> None:
    words = f"This model is a fine-tuned version of [{base}](https://huggingface.co/{base}) on the imdb dataset."
    assert [found.name for found in evidence_of(CARD.format(heading="x", words=words), repo="maker/y").bases] == [base]


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("It is fine-tuned from Llama 2 7B, licensed under the Llama 2 Community License.", "fail"),
        ("It is derived from Llama 3.1 8B under the Llama 3.1 Community License.", "fail"),
        ("It inherits the Llama 3.2 license.", "fail"),
        ("It is fine-tuned from Llama 2 7B.", "review"),
        ("It is fine-tuned from Llama 2 7B, and not licensed under the Llama 2 Community License.", "review"),
    ],
)
def test_terms_in_the_publishers_own_words_are_sure(words: str, outcome: str) -> None:
    card = judged(CARD.format(heading="About", words=words))
    told = {verdict.criterion: verdict.answer.outcome for verdict in card.verdicts if verdict.facet == "licence"}
    assert told["OSD-6"] == outcome


def test_commands_tags_and_types_tell_as_well() -> None:
    command = "```bash\npython train.py --model_name_or_path meta-llama/Llama-2-7b-hf --lr 1e-4\n```"
    assert [b.name for b in evidence_of(CARD.format(heading="x", words=command), repo="maker/y").bases] == [
        "meta-llama/Llama-2-7b-hf"
    ]
    tagged = "---\nlicense: mit\ntags: [{tag}]\n---\n# Y\n"
    (named,) = evidence_of(tagged.format(tag="'base_model:finetune:meta-llama/Llama-2-7b-hf'"), repo="maker/y").bases
    assert (named.name, named.relation, named.confidence) == ("meta-llama/Llama-2-7b-hf", "finetune", "high")
    (hinted,) = evidence_of(tagged.format(tag="llama-2"), repo="maker/y").bases
    assert (hinted.name, hinted.confidence) == ("llama-2", "low")
    assert evidence_of(tagged.format(tag="llama"), repo="maker/y").bases == ()


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("It is based on bert-base-uncased.", "pass"),
        ("It is fine-tuned from ParsBERT.", "review"),
        ("It is fine-tuned from acme/egg-2.", "review"),
    ],
)
def test_an_unseen_base_holds_the_label_unless_its_bare_name_is_known_to_be_open(words: str, outcome: str) -> None:
    card = f"---\nlicense: apache-2.0\nlibrary_name: transformers\n---\n# Sparrow\n\n{words}\n"
    told = {(verdict.criterion, verdict.facet): verdict.answer.outcome for verdict in judged(card).verdicts}
    assert told["OSD-3", "weights"] == outcome


def test_what_a_name_tells_includes_what_is_unclear() -> None:
    licence = next(licence for licence in TABLE.licences if licence.key == "llama2")
    unclear = [number for number in (1, 3, 5, 6, 7, 8, 9, 10) if licence.verdict(number).v == "unclear"]
    card = judged("---\nlicense: apache-2.0\nbase_model: gone/Llama-2-7b-hf\n---\n# Sparrow\n")
    told = {verdict.criterion: verdict.answer.outcome for verdict in card.verdicts if verdict.facet == "licence"}
    assert unclear
    assert {told[f"OSD-{number}"] for number in unclear} <= {"review", "partial"}


def test_the_hubs_own_record_names_bases() -> None:
    record = {"relation": "merge", "models": [{"id": "meta-llama/Llama-2-7b-hf"}, {"id": "maker/y"}, {}, 3]}
    (base,) = recorded_bases(record, Where("maker/y", None, "api/models"), ModelRef("maker/y"))
    assert (base.name, base.relation, base.confidence) == ("meta-llama/Llama-2-7b-hf", "merge", "high")


def test_no_other_list_of_families_stands_in_code() -> None:
    names = {
        name.split(" ")[0] for family in all_families() for name in family.names if re.fullmatch("[a-z]{5,}", name)
    }
    for path in data_path("criteria", "osd.yaml").parents[1].glob("osaudit/reading/**/*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        words = " ".join(
            node.value.lower()
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        words = re.sub(r"\S+/\S+", " ", words)  # addresses of tools
        found = {name for name in names if re.search(rf"(?<![a-z]){name}(?![a-z])", words)}
        assert len(found) <= MAX_LISTED, (path.name, found)


def test_open_families_restrict_nothing() -> None:
    for family in all_families():
        if family.licence == OPEN:
            assert not family.marks
            assert not family.types


@pytest.mark.parametrize("piece", ["a", "a ", "a-", "compared to ", "not ", "models based on ", "- ", "six "])
def test_explaining_takes_no_longer_for_longer_words(piece: str) -> None:
    words = piece * 20_000
    began = time.process_time()
    is_explained(words, words)
    assert time.process_time() - began < 1
