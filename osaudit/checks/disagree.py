"""Whether one sighting of a licence contradicts another, by a table of rules: the first that fits decides."""

from __future__ import annotations

from collections.abc import Callable

from osaudit.checks.sightings import TEXT_IN_CARD, Sighting, in_family, is_family
from osaudit.compiled import regex
from osaudit.frozen import dataclass
from osaudit.licences.table import CRITERIA, Licence, LicenceTable

_DIGIT = regex(r"\d")


@dataclass(frozen=True, slots=True)
class Pair:
    """A sighting of lower rank beside what governs: its licences, and the keys that its sightings name."""

    other: Sighting
    licences: tuple[Licence, ...]
    keys: tuple[str, ...]
    table: LicenceTable

    @property
    def free(self) -> bool:
        """Whether what governs is free, so that any doubt speaks against it."""
        return any(licence.osi.approved or licence.permissive for licence in self.licences)

    @property
    def foreign(self) -> tuple[str, ...]:
        """The keys of the other that what governs does not hold; a name without a version may mean any."""
        found = tuple(
            key for key in self.other.keys if not any(compatible(ours, key, self.table) for ours in self.keys)
        )
        if self.other.claim and not _DIGIT.search(self.other.claim.name):
            stems = set(map(_stem, self.keys))
            found = tuple(key for key in found if _stem(key) not in stems)
        return found


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: its name, when it fits, and whether the sightings then contradict each other."""

    name: str
    fits: Callable[[Pair], bool]
    disagrees: Callable[[Pair], bool]


def _always(_: Pair) -> bool:
    return True


def _never(_: Pair) -> bool:
    return False


RULES: tuple[Rule, ...] = (
    Rule("words-of-the-card", lambda pair: _is_prose(pair.other) and not pair.free, _never),
    Rule(
        "text-that-differs",
        lambda pair: pair.other.text is not None and not pair.other.exact,
        lambda pair: pair.free or not set(pair.other.keys) & set(pair.keys),
    ),
    Rule("name-that-nobody-knows", lambda pair: not pair.other.keys, lambda pair: pair.free),
    Rule("same-licence", lambda pair: not pair.foreign, _never),
    Rule("another-licence", lambda pair: len(pair.foreign) == len(pair.other.keys), _always),
    Rule("one-of-a-choice", lambda pair: pair.other.claim is not None and len(pair.other.claim.choices) > 1, _never),
    Rule(
        "further-licence-that-closes",
        _always,
        lambda pair: any(closes(key, pair.licences, pair.table) for key in pair.foreign),
    ),
)


def _is_prose(other: Sighting) -> bool:
    """Whether a text is a part of the card that names no licence: what its words close is read with the card's."""
    return other.text is not None and other.rank == TEXT_IN_CARD and not other.keys


def disagreement(pair: Pair) -> str:
    """The name of the rule by which the other contradicts what governs; empty where it does not."""
    rule = next(rule for rule in RULES if rule.fits(pair))
    return rule.name if rule.disagrees(pair) else ""


def closes(key: str, licences: tuple[Licence, ...], table: LicenceTable) -> bool:
    """Whether a licence named besides would close what the governing ones leave open; one that nobody knows may."""
    beside = table.get(key)
    return beside is None or any(
        beside.verdict(number).v == "fail" and licence.verdict(number).v != "fail"
        for licence in licences
        for number in CRITERIA
    )


def compatible(ours: str, theirs: str, table: LicenceTable) -> bool:
    """The same licence, or a family tag whose family the licence belongs to."""
    family, member = table.get(theirs), table.get(ours)
    return ours == theirs or (
        family is not None and member is not None and is_family(family) and in_family(member, family)
    )


def _stem(key: str) -> str:
    """The key without its version: a name that tells no version may mean any ("the LLaMA licence")."""
    return key.rstrip("0123456789.-")
