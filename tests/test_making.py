"""What a card states of how its model was made: hyperparameters, emissions, energy, hardware, each with its place."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from made_snapshots import evidence_of, snapshot_of

from osaudit import codec
from osaudit.evidence import Absent, Card, Cost, FrontMatter, Seen, Unknown
from osaudit.reading import read_snapshot


def card_of(text: str, **rest: Any) -> Card:
    card = evidence_of(text, **rest).card
    assert isinstance(card, Seen)
    return card.value


def settings(text: str, **rest: Any) -> list[tuple[str, str]]:
    return [(setting.name, setting.value) for setting in card_of(text, **rest).settings]


def costs(text: str, **rest: Any) -> list[tuple[str, str, float | None]]:
    return [told(cost) for cost in card_of(text, **rest).costs]


def told(cost: Cost) -> tuple[str, str, float | None]:
    return cost.kind, cost.value, cost.amount.value if isinstance(cost.amount, Seen) else None


def matter_of(text: str) -> FrontMatter:
    matter = card_of(text).front_matter
    assert isinstance(matter, Seen)
    return matter.value


LISTED = """# Sparrow

### Training hyperparameters

The following hyperparameters were used during training:
- learning_rate: 2e-05
- optimizer: Adam with betas=(0.9,0.999) and epsilon=1e-08
- num_epochs: 3
- mixed_precision_training: Native AMP
- nest_depth: 4
- seed: None

### Training results

- Epoch: 3
- Loss: 0.25
"""


def test_a_list_of_hyperparameters_is_read_with_its_lines() -> None:
    assert settings(LISTED) == [
        ("learning_rate", "2e-05"),
        ("optimizer", "Adam with betas=(0.9,0.999) and epsilon=1e-08"),
        ("num_epochs", "3"),
        ("mixed_precision_training", "Native AMP"),
        ("nest_depth", "4"),
    ]
    place = card_of(LISTED).settings[0].where
    assert (place.lines, place.quote) == ((6, 6), "- learning_rate: 2e-05")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Training\n\n- **Learning rate:** warmup to 1e-4", [("learning_rate", "warmup to 1e-4")]),
        ("## Training\n\n| Batch size | 64 |\n|---|---|\n", [("batch_size", "64")]),
        (
            "## Training\n\n| Hyperparameter | Value | Why |\n|---|---|---|\n| Weight decay | 0.1 | it helped |\n",
            [("weight_decay", "0.1")],
        ),
        (
            "## Hyperparameters\n\n```\nbatch_size = 96\nlr = 3e-5  # peak\nteacher_layers = 4\n```\n",
            [("batch_size", "96"), ("lr", "3e-5"), ("teacher_layers", "4")],
        ),
        (
            "## Hyperparameters\n\n```python\nOrderedDict([('batch_size', 32),\n ('gamma', 0.99)])\n```\n",
            [("batch_size", "32"), ("gamma", "0.99")],
        ),
        (
            "This model was trained for 3 epochs with a learning rate of 2e-5 and a batch size of 1,024.",
            [("learning_rate", "2e-5"), ("batch_size", "1,024"), ("epochs", "3")],
        ),
        (
            "## Training procedure\n\nWe used the AdamW optimizer, a 5e-5 learning rate and 500 warmup steps.",
            [("learning_rate", "5e-5"), ("warmup_steps", "500"), ("optimizer", "AdamW")],
        ),
        ("## Training\n\nIt ran for 100k steps.", [("training_steps", "100k")]),
    ],
)
def test_hyperparameters_are_read_where_a_card_states_them(text: str, expected: list[tuple[str, str]]) -> None:
    assert settings(f"# Sparrow\n\n{text}\n") == expected


@pytest.mark.parametrize(
    "text",
    [
        "You can fine-tune it with a learning rate of 2e-5.",
        "## Usage\n\nThis model runs with a batch size of 8.",
        "## Evaluation\n\n- batch size: 8",
        "## Training\n\nLlama 2 was trained with a batch size of 4M tokens.",
        "## Llama 2 training\n\n- learning rate: 3e-4",
        "## Training\n\nThe base model was trained for 500k steps.",
        "# Original model card: Nest's Sparrow\n\n## Training\n\n- learning rate: 3e-4",
        "# Stable Diffusion v1 Model Card\n\n## Training\n\n- **Learning rate:** 1e-4",
        "## Training\n\n| Model | Learning rate |\n|---|---|\n| small | 1e-4 |\n",
        "## Training\n\n| Setting | 7B | 13B |\n|---|---|---|\n| Learning rate | 3e-4 | 1e-4 |\n",
        "## Training\n\n- precision: 0.91",
        "## Training\n\nThe learning rate warms up for 10k steps.",
        "## Training\n\n- learning rate: [More Information Needed]",
        "## Changelog\n\n- batch size: 4M tokens",
        "```\nlearning_rate = 1e-4\n```",
        "## Hyperparameters\n\n```\nkwargs = dict(a={\n```",
    ],
)
def test_what_is_no_hyperparameter_of_this_model(text: str) -> None:
    assert settings(f"{text}\n") == []


def test_a_data_sets_card_states_none() -> None:
    assert settings(LISTED, kind="dataset") == []


def test_each_value_is_kept_once_and_their_number_is_bounded() -> None:
    many = "".join(f"- setting_{number}: {number}\n" for number in range(500))
    found = settings(f"## Hyperparameters\n\n- seed: 1\n- seed: 1\n- seed: 2\n{many}- text: {'x' * 5_000}\n")
    assert found[:2] == [("seed", "1"), ("seed", "2")]
    assert len(found) == 80


@pytest.mark.parametrize(
    "text",
    [
        "```\n" + " " * 20_000 + "\n```\n",
        "```\n" + "{" * 20_000 + "\n```\n",
        ("- learning rate " + "1," * 700 + " \n") * 100,
        ("the learning rate of " * 70 + ".\n") * 100,
        ("- " + "|" * 600 + "hours\n") * 100,
    ],
    ids=["spaces", "brackets", "digits", "words", "cells"],
)
def test_a_hostile_card_costs_no_more_than_its_length(text: str) -> None:
    start = time.process_time()
    settings(f"## Training hyperparameters and environmental impact\n\n{text}")
    assert time.process_time() - start < 5


def test_emissions_of_the_metadata_are_grams() -> None:
    fact = matter_of("---\nlicense: mit\nco2_eq_emissions: 286.4350821612984\n---\n# S\n").emissions
    assert isinstance(fact, Seen)
    assert [told(cost) for cost in fact.value] == [("emissions", "286.4350821612984", 286.435082161)]
    place = fact.value[0].where
    assert (place.lines, place.pointer) == ((3, 3), "/co2_eq_emissions")


def test_emissions_with_how_they_came_about() -> None:
    fact = matter_of(
        "---\nco2_eq_emissions:\n  emissions: 1.5e3\n  source: CodeCarbon\n  training_type: fine-tuning\n"
        "  geographical_location: Ghent\n  hardware_used: 1 T4\n---\n# S\n"
    ).emissions
    assert isinstance(fact, Seen)
    assert [told(cost) for cost in fact.value] == [
        ("emissions", "1.5e3", 1500.0),
        ("method", "CodeCarbon", None),
        ("stage", "fine-tuning", None),
        ("region", "Ghent", None),
        ("hardware", "1 T4", None),
    ]
    assert fact.value[3].where.pointer == "/co2_eq_emissions/geographical_location"


@pytest.mark.parametrize("value", ["[]", "{}", "''", "null"])
def test_no_emissions(value: str) -> None:
    assert isinstance(matter_of(f"---\nco2_eq_emissions: {value}\n---\n").emissions, Absent)


@pytest.mark.parametrize(
    "value", ["[1, 2]", "{emissions: {a: 1}}", "unknown", "{emissions: [More Information Needed]}"]
)
def test_emissions_of_an_unusable_kind_are_told_as_a_problem(value: str) -> None:
    matter = matter_of(f"---\nco2_eq_emissions: {value}\n---\n")
    assert isinstance(matter.emissions, Unknown)
    assert "co2_eq_emissions" in matter.problems


@pytest.mark.parametrize("value", ["much", "1e999", "-3", "12 or 13", "1 to 2 kg", "< 5 kg"])
def test_no_figure_is_made_out_of_words(value: str) -> None:
    fact = matter_of(f"---\nco2_eq_emissions: {value}\n---\n").emissions
    assert isinstance(fact, Seen)
    assert isinstance(fact.value[0].amount, Absent)


def test_the_record_of_the_hub_gives_them_where_the_card_is_not_read() -> None:
    evidence = read_snapshot(
        snapshot_of(None, listed=("README.md",), card_data={"co2_eq_emissions": {"emissions": 12.5}}),
        collected_at="2026-01-02T03:04:05Z",
    )
    assert isinstance(evidence.card, Seen)
    assert isinstance(evidence.card.value.front_matter, Seen)
    fact = evidence.card.value.front_matter.value.emissions
    assert isinstance(fact, Seen)
    assert told(fact.value[0]) == ("emissions", "12.5", 12.5)
    assert fact.value[0].where.pointer == "/cardData/co2_eq_emissions/emissions"


IMPACT = """# Sparrow

## Environmental Impact

- **Hardware Type:** 8 x A100
- **Hours used:** 40
- **Cloud Provider:** [More Information Needed]
- **Compute Region:** Oslo
- **Carbon Emitted:** 11,250 kg CO2 eq.
- **Energy consumed:** 1.5 MWh
"""


def test_the_lines_on_a_models_impact() -> None:
    assert costs(IMPACT) == [
        ("hardware", "8 x A100", None),
        ("time", "40", None),
        ("region", "Oslo", None),
        ("emissions", "11,250 kg CO2 eq.", 11_250_000.0),
        ("energy", "1.5 MWh", 1500.0),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- CO2 Emissions (in grams): 0.1414", ("emissions", "0.1414", 0.1414)),
        ("- CO2 Emissions (in kg): 2", ("emissions", "2", 2000.0)),
        ("- Carbon emitted: 2 tonnes of CO2", ("emissions", "2 tonnes of CO2", 2e6)),
        ("- Carbon emitted: 12", ("emissions", "12", None)),
        ("- Carbon emitted: 3 to 5 kg", ("emissions", "3 to 5 kg", None)),
    ],
)
def test_figures_of_emissions_in_their_units(line: str, expected: tuple[str, str, float | None]) -> None:
    assert costs(f"# Sparrow\n\n{line}\n") == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "# Sparrow\n\n- Hardware type: any GPU\n- Time: 3 hours\n",
        "## Environmental Impact\n\n**Stable Diffusion v1** gave off, we hear:\n\n- **Carbon Emitted:** 9 kg\n",
        "## Environmental Impact\n\n- **Carbon Emitted:** Unknown\n",
        "## Environmental Impact\n\n- Carbon emitted per query: 4 g\n",
        "## Environmental Impact of Llama 2\n\n- **Carbon Emitted:** 9 kg\n",
    ],
)
def test_what_is_no_cost_of_making_this_model(text: str) -> None:
    assert costs(text) == []


def test_evidence_saved_before_these_were_read_still_loads() -> None:
    text = codec.dump(evidence_of(f"---\nco2_eq_emissions: 3\n---\n{LISTED}"))
    assert codec.dump(codec.load(text)) == text
    older = codec.load(_without(text, ("settings", "costs", "emissions", "whole_texts", *_HELD)))
    assert isinstance(older.card, Seen)
    assert older.card.value.settings == older.card.value.costs == ()
    assert isinstance(older.card.value.front_matter, Seen)
    assert isinstance(older.card.value.front_matter.value.emissions, Unknown)


_HELD = ("sha256",)
"""What a later version adds to hold evidence to itself; without it nothing is computed again."""


def _without(text: str, keys: tuple[str, ...]) -> str:
    def strip(data: Any) -> Any:
        if isinstance(data, dict):
            return {key: strip(value) for key, value in data.items() if key not in keys}
        return [strip(item) for item in data] if isinstance(data, list) else data

    return json.dumps(strip(json.loads(text)))
