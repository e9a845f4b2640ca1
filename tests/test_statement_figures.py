"""The benchmark of reading: its measures on made-up cards, and a floor under the tuning sample's figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.statements.__main__ import SAMPLES, compare, table
from benchmarks.statements.cards import COLLECTIONS, Labelled, Labels, load_cards, load_sample
from benchmarks.statements.measures import measure, per_label, share, wilson

pytestmark = pytest.mark.slow

HERE = Path(__file__).parents[1] / "benchmarks" / "statements"
FLOORS = {"data": 0.94, "code": 0.91, "withheld": 0.99}  # a little below what is reached


def test_wilsons_interval() -> None:
    assert wilson(0, 0) is None
    assert wilson(8, 10) == (0.4902, 0.9433)  # as tables give it: 0.490 to 0.943
    assert wilson(0, 10) == (0.0, 0.2775)
    assert wilson(10, 10) == (0.7225, 1.0)


def test_precision_is_of_what_was_read_and_recall_of_what_is_labelled() -> None:
    pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")]
    found = per_label(pairs, ("a", "b", "c"))
    assert (found["a"]["precision"]["share"], found["a"]["recall"]["share"]) == (0.5, 1.0)
    assert (found["b"]["precision"]["share"], found["b"]["recall"]["share"]) == (1.0, 0.6667)
    assert found["c"]["precision"] == share(0, 0)
    assert measure(pairs, ("a", "b"))["confusion"] == {"a": {"a": 1, "b": 1}, "b": {"a": 0, "b": 2}}


CARDS = {
    "maker/trained": "---\ndatasets:\n- maker/twigs\n---\n# T\n\nThis model was fine-tuned on the Twigs dataset with a "
    "[script](https://github.com/maker/trained/blob/main/finetune.py).\n",
    "maker/told": "# T\n\nIt was trained on the Twigs corpus, and evaluated on [Moss](https://zenodo.org/record/1).\n",
    "maker/silent": "# T\n\nA model.\n",
    "maker/shy": "# T\n\nIt was trained on a private corpus. We do not release the training data.\n",
}


def labelled(name: str, labels: Labels, *, sure: bool = True) -> Labelled:
    return Labelled(f"maker/{name}", "made", labels, sure)


SAMPLE = [
    labelled("trained", Labels("published", "fine-tuning", sets={"maker/twigs": "fine-tuning"})),
    labelled("told", Labels("sources", "none", sets={"https://zenodo.org/record/1": "evaluation"})),
    labelled("silent", Labels("vague", "none"), sure=False),  # labelled wrong on purpose
    labelled("shy", Labels("vague", "none", withheld=True)),
    labelled("gone", Labels("none", "none")),
]


def test_made_up_cards_are_read_and_compared() -> None:
    found = compare(SAMPLE, {(name, "made"): text for name, text in CARDS.items()})
    assert (found["cards"], found["missing"], found["sure"]["cards"]) == (4, ["maker/gone"], 3)
    assert found["all"]["data"]["equal"]["hits"] == 3
    assert found["sure"]["data"]["equal"]["share"] == 1.0
    assert found["all"]["code"]["equal"]["share"] == 1.0
    assert found["all"]["withheld"]["labels"]["yes"]["recall"]["hits"] == 1
    sets = found["all"]["sets"]
    assert (sets["hub_ids_read"]["hits"], sets["roles"]["equal"]["hits"]) == (1, 1)
    assert sets["links_to_evaluation_data_taken_for_training"] == share(0, 1)
    (differs,) = found["disagreements"]
    assert (differs["card"], differs["question"], differs["read"], differs["labelled"]) == (
        *("maker/silent", "data", "none", "vague"),
    )


def test_the_table_tells_the_disagreement_and_no_prose() -> None:
    told = table(compare(SAMPLE, {(name, "made"): text for name, text in CARDS.items()}))
    assert "maker/silent data: read none, labelled vague (unsure)" in told
    assert "private corpus" not in told


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_label_is_one_of_the_codebook(sample: str) -> None:
    cards = load_sample(HERE / f"{sample}.yaml")  # raises where one is not
    assert len({(card.id, card.cards) for card in cards}) == len(cards)
    assert all(card.cards in COLLECTIONS and len(card.labels.sets) <= 8 for card in cards)


def test_an_unknown_label_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text('- {id: maker/a, cards: "2023-05", data: secret, code: none}\n', encoding="utf-8")
    with pytest.raises(ValueError, match="secret is no label"):
        load_sample(path)


def test_cards_that_nobody_labelled_yet_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "later.yaml"
    path.write_text('- {id: maker/a, cards: "2023-05"}\n', encoding="utf-8")
    assert load_sample(path) == []


@pytest.mark.corpus
def test_the_tuning_sample_is_read_as_well_as_published(corpus: Path) -> None:
    sample = load_sample(HERE / "tuning.yaml")
    if not all((corpus / "bulk" / COLLECTIONS[card.cards]).is_file() for card in sample):
        pytest.skip("the recorded collections are not there")
    found = compare(sample, load_cards(corpus / "bulk", sample))
    assert (found["cards"], found["missing"]) == (210, [])
    for question, floor in FLOORS.items():
        assert found["all"][question]["equal"]["share"] >= floor, question
    assert found["all"]["data"]["labels"]["published"]["precision"]["share"] >= 0.96
    assert found["all"]["sets"]["roles"]["equal"]["share"] >= 0.83
