"""Small questions to a card that several checks ask."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from osaudit.contents import weight_format
from osaudit.evidence import (
    Absent,
    Card,
    Evidence,
    Fact,
    Files,
    FrontMatter,
    RepoFile,
    Restriction,
    Seen,
    Statement,
    Unknown,
    Where,
)
from osaudit.frozen import replace
from osaudit.once import once_for_each

MAX_PLACES = 4
_INDICES = (".safetensors.index.json", ".bin.index.json")


def statements(card: Fact[Card], kind: str, values: Collection[str] | None = None) -> tuple[Statement, ...]:
    """The card's statements of one kind, and of the given values where some are given."""
    match card:
        case Seen(value, _):
            said = _by_kind(value).get(kind, ())
            return tuple(item for item in said if item.value in values) if values and said else said
        case _:
            return ()


@once_for_each
def _by_kind(card: Card) -> Mapping[str, tuple[Statement, ...]]:
    """The card's statements by their kinds."""
    found: dict[str, list[Statement]] = {}
    for item in card.statements:
        found.setdefault(item.kind, []).append(item)
    return MappingProxyType({kind: tuple(items) for kind, items in found.items()})


def places(said: Collection[Statement]) -> tuple[Where, ...]:
    """The places of some statements, each once and not too many."""
    return tuple(dict.fromkeys(statement.where for statement in said))[:MAX_PLACES]


def link_of(said: Sequence[Statement]) -> str:
    """The link or name that the first of some statements gives, fit to end a sentence."""
    return short(said[0].value).rstrip(".")


def card_place(evidence: Evidence) -> tuple[Where, ...]:
    """The card as a whole, for what it does not say; the file list where there is no card."""
    match evidence.card:
        case Seen(card, _):
            return _as_a_whole(card)
        case _:
            match evidence.files:
                case Seen(_, where):
                    return where
                case _:
                    return ()


@once_for_each
def _as_a_whole(card: Card) -> tuple[Where, ...]:
    return (replace(card.where, quote=None, lines=None),)


def front_matter(card: Fact[Card]) -> FrontMatter | None:
    """The card's metadata where both could be read."""
    match card:
        case Seen(value, _):
            return value.front_matter.value if isinstance(value.front_matter, Seen) else None
        case _:
            return None


def seems_partial(listed: Files) -> bool:
    """Whether the file list leaves files out.

    It is known to, it names an index of weights and no weights, or it lacks what every repository of the Hub has.
    """
    return not listed.complete or _lacks(listed)


@once_for_each
def _lacks(listed: Files) -> bool:
    """Whether a list that is not known to be partial lacks what a whole one has."""
    if weight_files(listed):
        return False
    paths = [entry.path for entry in listed.entries]
    return ".gitattributes" not in paths or any(path.endswith(_INDICES) for path in paths)


@once_for_each
def weight_files(listed: Files) -> tuple[RepoFile, ...]:
    """The listed files that hold weights."""
    return tuple([entry for entry in listed.entries if weight_format(entry.path)])


def why_unread(evidence: Evidence) -> str | None:
    """Why the card's words could not be read; None where they were, or where there are none.

    Of a gated card the API still gives the metadata, which says nothing of what the body says.
    """
    match evidence.card:
        case Unknown(why):
            return why.rstrip(".")
        case Seen(card, _) if card.where.path.startswith("api/"):
            whys = (item.why for item in evidence.unseen if item.what.lower().startswith("readme"))
            return next(whys, "the Hub gave its metadata alone").rstrip(".")
        case Absent() if not isinstance(evidence.files, Seen) or seems_partial(evidence.files.value):
            return "no card is in the part of the file list that was seen"
        case _:
            return None


def quoted(place: Where) -> str:
    """A place's words in quotation marks; where they were not kept, the place itself."""
    if place.quote:
        return f"“{short(place.quote)}”"
    return f"{place.path}, line {place.lines[0]}" if place.lines else place.path


def rule_of(found: Statement | Restriction) -> str:
    """The id of the rule that read some words; where the reader has none, the flag that they touch, or their kind."""
    flag = found.flag if isinstance(found, Restriction) else found.value if found.kind == "restriction" else found.kind
    return found.rule or f"words.{flag}"


def short(quote: str | None, limit: int = 160) -> str:
    """Give a quote on one line of at most `limit` characters."""
    words = " ".join((quote or "").split())
    return words if len(words) <= limit else words[: limit - 1] + "…"
