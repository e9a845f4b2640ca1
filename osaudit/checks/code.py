"""Linked code repositories in a case: whose each is, what of it counts for this model, and under which terms.

A repository raises nothing that its own side does not tie to the model: the card's words alone leave a question. What
it says may lower, where the card names it as this model's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osaudit.checks.terms import Terms, resolve
from osaudit.codehost import folder_of_licence, is_for_users
from osaudit.evidence import (
    Evidence,
    LinkedFile,
    LinkedPart,
    LinkedRepository,
    Seen,
    Statement,
    Tie,
    Unknown,
    Where,
)
from osaudit.frozen import dataclass, replace
from osaudit.licences.table import LicenceTable

_TRAINS: frozenset[LinkedPart] = frozenset({"training", "fine-tuning"})
_SAME_MAKER: frozenset[Tie] = frozenset({"owner", "readme"})
"""What ties a repository that does not train to a model whose training stands in another one."""
MAX_PLACES = 4


@dataclass(frozen=True, slots=True)
class Code:
    """A linked repository with its terms: those of its code by the folder that a licence governs, and of weights.

    `evidence` is None where it was not seen; `weights` is None where nothing in it speaks of weights.
    """

    linked: LinkedRepository
    evidence: Evidence | None
    folders: tuple[tuple[str, Terms], ...] = ()
    weights: Terms | None = None

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        return self.linked.repo

    @property
    def is_own(self) -> bool:
        """Whether it was seen, and its own side ties it to the model."""
        return self.evidence is not None and self.linked.role == "own"

    @property
    def may_lower(self) -> bool:
        """Whether what it says of the weights counts against them: it is this model's, by itself or by the card."""
        return self.evidence is not None and self.linked.role in {"own", "named"}

    def terms_of(self, file: LinkedFile) -> Terms | None:
        """The terms of the code in a file."""
        return next((terms for folder, terms in self.folders if folder == file.folder), None)

    def parts(self, *kinds: LinkedPart) -> tuple[LinkedFile, ...]:
        """Its files of some kinds."""
        return tuple(one for one in self.linked.parts if one.part in kinds)


def codes_of(evidence: Evidence, table: LicenceTable) -> tuple[Code, ...]:
    """Resolve the terms of the code repositories that a model's card links."""
    linked = evidence.linked.value if isinstance(evidence.linked, Seen) else ()
    return tuple(_code(one, table) for one in linked)


def _code(linked: LinkedRepository, table: LicenceTable) -> Code:
    match linked.evidence:
        case Seen(evidence, _):
            folders = dict.fromkeys(("", *(part.folder for part in linked.parts)))
            terms = tuple((folder, resolve(_within(evidence, folder), "code", table)) for folder in folders)
            return Code(linked, evidence, terms, _of_weights(evidence, table))
        case _:
            return Code(linked, None)


def _within(evidence: Evidence, folder: str) -> Evidence:
    """The repository as far as it speaks of one folder: its licence texts, and at the root the README's words too."""
    texts = tuple(text for text in evidence.licence_texts if folder_of_licence(text.where.path) == folder)
    unseen = tuple(item for item in evidence.unseen if folder_of_licence(item.what) == folder)
    claims = evidence.licence_claims if not folder else ()
    return replace(evidence, licence_texts=texts, licence_claims=claims, unseen=unseen)


def _of_weights(evidence: Evidence, table: LicenceTable) -> Terms | None:
    """The terms that the repository tells of weights in so many words; a licence of the whole tells of its code."""
    texts = tuple(text for text in evidence.licence_texts if text.component == "weights")
    claims = tuple(claim for claim in evidence.licence_claims if claim.component == "weights")
    if not texts and not claims:
        return None
    return resolve(replace(evidence, licence_texts=texts, licence_claims=claims, unseen=()), "weights", table)


def whole_terms(code: Code) -> Terms | None:
    """The terms of the repository as a whole, where a licence text at its root tells them."""
    terms = next((terms for folder, terms in code.folders if not folder), None)
    return terms if terms and any(sighting.text for sighting in terms.governing) else None


def restricting(code: Code) -> tuple[Statement, ...]:
    """What its README surely says to restrict the model."""
    card = code.evidence.card if code.evidence else None
    said = card.value.statements if isinstance(card, Seen) else ()
    return tuple(
        one
        for one in said
        if one.kind == "restriction" and one.subject in {"weights", "any"} and one.confidence == "high"
    )


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a repository that counts for the model."""

    code: Code
    file: LinkedFile


@dataclass(frozen=True, slots=True)
class Path:
    """The training path, as far as repositories that are this model's hold it: files by what they are for."""

    found: tuple[Found, ...]

    def of(self, *parts: LinkedPart, shown: bool = False) -> tuple[Found, ...]:
        """The files of some parts; only those whose words show it, where `shown` is asked."""
        return tuple(one for one in self.found if one.file.part in parts and (one.file.shown or not shown))

    @property
    def trains(self) -> tuple[Found, ...]:
        """The code that trained the model, and settings that name it."""
        named = tuple(one for one in self.of("settings", shown=True) if one.file.named)
        return (*self.of("training", "fine-tuning"), *named)

    @property
    def lacks(self) -> tuple[str, ...]:
        """Which parts of a full path no file shows."""
        parts: tuple[tuple[str, tuple[LinkedPart, ...]], ...] = (
            ("preprocessing code", ("preprocessing",)),
            ("training code", ("training", "fine-tuning")),
            ("evaluation code", ("evaluation",)),
            ("settings", ("settings",)),
        )
        return tuple(name for name, kinds in parts if not self.of(*kinds, shown=True))

    @property
    def lists_all(self) -> bool:
        """Whether every part is there by its name."""
        return bool(
            self.of("preprocessing")
            and self.of("training", "fine-tuning")
            and self.of("evaluation")
            and self.of("settings")
        )


def training_path(codes: Iterable[Code], *, derived: bool) -> Path:
    """What the model's own repositories hold of the training path; `derived`: it was made from another model.

    Code for fine-tuning made a model that was made from another one, where settings beside it name that model: else it
    is there for its users. Some publish how they prepared data and how they measured apart: beside a repository that
    trains, those of the same owner count whose README names this model or its family.
    """
    trains: list[Found] = []
    beside: list[Found] = []
    for code in codes:
        if code.is_own and not is_for_users(code.name):
            tuned = derived and any(one.named and one.shown for one in code.parts("settings"))
            held = [Found(code, part) for part in code.linked.parts if part.part != "fine-tuning" or tuned]
            if any(_tells_of_training(one.file) for one in held):
                trains += held
            elif {tie.kind for tie in code.linked.ties} >= _SAME_MAKER:
                beside += held
    return Path((*trains, *beside) if trains else ())


def _tells_of_training(file: LinkedFile) -> bool:
    return file.part in _TRAINS or (file.part == "settings" and file.named)


def places_of(found: Iterable[Found]) -> tuple[Where, ...]:
    """The places of some files: those whose words show it, one of each part first."""
    ordered = sorted(found, key=lambda one: (not one.file.shown, not one.file.named))
    first: dict[LinkedPart, Found] = {}
    for one in ordered:
        first.setdefault(one.file.part, one)
    rest = (one for one in ordered if one not in first.values())
    return tuple(one.file.where for one in (*first.values(), *rest))[:MAX_PLACES]


def names_of(found: Iterable[Found]) -> str:
    """The repositories of some files, with the commits at which they were read."""
    names = dict.fromkeys(f"{one.code.name}{at_commit(one.code)}" for one in found)
    return " and ".join(names)


def at_commit(code: Code) -> str:
    """The commit at which a repository was read, in short."""
    commit = code.evidence.commit if code.evidence else None
    return f" at {commit.value[:12]}" if isinstance(commit, Seen) else ""


def terms_relied_on(found: Iterable[Found]) -> Iterator[tuple[Code, Terms]]:
    """The terms of some files, each once."""
    known: set[tuple[str, str]] = set()
    for one in found:
        terms = one.code.terms_of(one.file)
        key = (one.code.name, one.file.folder)
        if terms is not None and key not in known:
            known.add(key)
            yield one.code, terms


def same_repository(code: Code, link: str) -> bool:
    """Whether a card's link leads into a repository."""
    plain = link.lower().replace("://www.", "://").removeprefix("https://").removeprefix("http://")
    name = code.name.lower()
    return plain == name or plain.startswith((f"{name}/", f"{name}.git", f"{name}#", f"{name}?"))


def why_unseen(code: Code) -> str:
    """Why a repository was not seen; empty where it was."""
    return code.linked.evidence.why.rstrip(".") if isinstance(code.linked.evidence, Unknown) else ""
