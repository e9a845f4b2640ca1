"""Closing words of a text that nobody knows: what they speak of is closed, what they do not speak of is not known."""

from __future__ import annotations

from osaudit.checks.case import Case
from osaudit.checks.licence import parent_answer
from osaudit.checks.ruling import closing_words, ruling
from osaudit.frozen import replace
from osaudit.licences.grants import Use, load_vocabulary
from osaudit.licences.table import CRITERIA
from osaudit.limits import FLAGS, Effect
from osaudit.once import once_for_each


def as_known(case: Case, number: int, use: Use, effect: Effect) -> Effect:
    """What a closing effect of a criterion leaves for a use, where words of an unknown text are all that closes it."""
    if effect.answer != "no":
        return effect
    told = _texts_alone(case, number)
    if told:
        spoken = any(use.id in uses for uses in told)
    else:
        spoken = case.weights.state != "unrecognised" or use.id in _spoken_of(case)
    return effect if spoken else replace(effect, answer="not-known")


@once_for_each
def _spoken_of(case: Case) -> frozenset[str]:
    """The uses that closing words of the governing texts speak of: those of trade, and what their kind rules out."""
    kinds = load_vocabulary().limits
    flags = {hit.flag for number in CRITERIA for hit in closing_words(case.weights, number)}
    spoken = {use for kind, told in FLAGS.items() if flags.intersection(told) for use in kinds[kind].closes}
    return frozenset({*kinds["purpose"].closes, *spoken})


@once_for_each
def _texts_alone(case: Case, number: int) -> tuple[frozenset[str], ...]:
    """For each unknown text, own or of a base, that closes a criterion: the uses that its words speak of.

    Empty where nothing closes it, or where a licence that is known does: that one speaks of all that hangs on it.
    """
    if ruling(case.weights, number).outcome == "fail":
        return (_spoken_of(case),) if case.weights.state == "unrecognised" else ()
    failing = [one for one in case.foreign_parents if parent_answer(one, number).outcome == "fail"]
    told = [_texts_alone(one.case, number) if one.case else () for one in failing]
    return tuple(uses for one in told for uses in one) if all(told) else ()
