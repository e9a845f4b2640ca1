"""Sentences that the forms without a field of their own carry as comments and descriptions."""

from __future__ import annotations

from collections.abc import Iterator

from osaudit.bom.content import Part
from osaudit.bom.identifiers import clean

DISCLAIMER = "Made by osaudit from what it saw; it is no legal advice. Annotations hold the audit's verdicts."


def access_words(part: Part) -> str:
    """How its repository lets people in, or why it was not seen."""
    if part.unseen:
        return f"not seen: {part.unseen}"
    modes = {
        "open": "anyone may download it",
        "auto": "behind a gate that opens by itself to whoever fills in its form",
        "manual": "behind a gate that a person opens",
        "unknown": "whether a gate stands before it is not known",
    }
    return f"availability: {modes[part.access]}"


def traits_words(part: Part) -> str:
    """What kind of model it is; empty where nothing was seen."""
    return clean("; ".join(_traits(part)))


def _traits(part: Part) -> Iterator[str]:
    traits = part.traits
    if traits.architectures or traits.family:
        yield f"architecture: {', '.join(traits.architectures) or traits.family}"
    if traits.task:
        yield f"task: {traits.task}"
    if traits.library:
        yield f"library: {traits.library}"
    if traits.languages:
        yield f"languages: {', '.join(traits.languages)}"
    if traits.parameters:
        yield f"parameters: {traits.parameters}"
    if traits.training:
        yield f"training is described in {'; '.join(traits.training)}"
    if traits.limitations:
        yield f"limitations are stated in {'; '.join(traits.limitations)}"
