"""The seventeen components of the Model Openness Framework 1.0, their types, and the classes that ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from osaudit.frozen import dataclass

ContentType: TypeAlias = Literal["code", "data", "document"]

CLASSES: Mapping[int, str] = MappingProxyType(
    {3: "Class III, Open Model", 2: "Class II, Open Tooling", 1: "Class I, Open Science"}
)
"""The classes in the order in which they are climbed; each asks for all that the one before asks for."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One component of the framework: `level` is the class that first asks for it, `required` whether it must be there.

    `id` is the criterion's in criteria/mof.yaml, after `MOF-`; `name` is the framework's own.
    """

    id: str
    name: str
    type: ContentType
    level: int
    what: str
    required: bool = True


COMPONENTS: tuple[Kind, ...] = (
    Kind("ARCHITECTURE", "Model architecture", "code", 3, "Code that defines the network"),
    Kind("PARAMETERS", "Model parameters (Final)", "data", 3, "The trained weights as released"),
    Kind("REPORT", "Technical report", "document", 3, "How the model was made and how it performs"),
    Kind("RESULTS", "Evaluation results", "document", 3, "What the evaluation of the model gave"),
    Kind("MODEL-CARD", "Model card", "document", 3, "What the model is, what it is for, and its limits"),
    Kind("DATA-CARD", "Data card", "document", 3, "What the data is, where it comes from, and how it was prepared"),
    Kind("OUTPUTS", "Sample model outputs", "data", 3, "Examples of what the model gives", required=False),
    Kind("TRAINING-CODE", "Training code", "code", 2, "Code and settings that trained the model"),
    Kind("INFERENCE-CODE", "Inference code", "code", 2, "Code that runs the model"),
    Kind("EVALUATION-CODE", "Evaluation code", "code", 2, "Code that evaluated the model"),
    Kind("EVALUATION-DATA", "Evaluation data", "data", 2, "Data that the model was evaluated on"),
    Kind(
        "LIBRARIES",
        "Supporting libraries and tools",
        "code",
        2,
        "Further software that the release uses",
        required=False,
    ),
    Kind("DATASETS", "Datasets", "data", 1, "Data that the model was trained, validated and tested on"),
    Kind("PREPROCESSING-CODE", "Data preprocessing code", "code", 1, "Code that prepared the data"),
    Kind("CHECKPOINTS", "Model parameters (Intermediate)", "data", 1, "Weights as they stood during training"),
    Kind("PAPER", "Research paper", "document", 1, "The publication that tells the method and its results"),
    Kind(
        "METADATA",
        "Model metadata",
        "data",
        1,
        "Configuration, optimizer states and other records of the training",
        required=False,
    ),
)
REPORT, PAPER = "Technical report", "Research paper"
BY_NAME: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in COMPONENTS})
