"""Which code repositories a card links, what it calls each, and which of them may be this model's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from osaudit.codehost import HOSTS, CodeAddress, code_address
from osaudit.evidence import Evidence, LinkedRole, Seen, Statement, StatementKind, Where
from osaudit.licences.families import all_families
from osaudit.reading.making.recipes import names_family, stem_of
from osaudit.reading.page.wordlists import FRAMEWORKS

MAX_REPOSITORIES = 4
"""So many are looked into for one model; those beyond are told."""

MAX_TOLD = 12
_MIN_LIKE = 4
KINDS: Mapping[StatementKind, int] = MappingProxyType(
    {
        "training-code": 0,
        "fine-tuning-code": 1,
        "code": 2,
        "evaluation-code": 3,
        "inference-code": 4,
        "training-tool": 5,
        "framework": 6,
    }
)
"""What a card's words may call a link to code, the most telling first."""


@dataclass(frozen=True, slots=True)
class Link:
    """A repository that the card links: what its words call it, where, and what its address alone tells.

    `role` is `framework` or `base` where that is told by the address, else `other`. `asked`: it is worth a look.
    """

    address: CodeAddress
    where: tuple[Where, ...]
    named_as: tuple[StatementKind, ...]
    sure: bool
    role: LinkedRole
    same_owner: bool
    notes: tuple[str, ...] = field(default=())

    @property
    def asked(self) -> bool:
        """Whether it may tell something of this model: a general tool of another owner, or a base's code, cannot."""
        return self.role == "other" or (self.role == "framework" and self.same_owner)

    @property
    def trains(self) -> bool:
        """Whether it may hold the code that trained this model, by what the card calls it or by whose it is."""
        return self.same_owner or bool({"training-code", "fine-tuning-code"} & set(self.named_as))


def links_of(evidence: Evidence, hosts: Collection[str] = HOSTS) -> tuple[Link, ...]:
    """List the code repositories that the card links, those that tell most of this model first."""
    if not isinstance(evidence.card, Seen):
        return ()
    found: dict[str, list[tuple[CodeAddress, Statement]]] = {}
    for statement in evidence.card.value.statements:
        address = code_address(statement.value, hosts) if statement.kind in KINDS else None
        if address is not None and not _is_itself(address, evidence):
            found.setdefault(address.repo.casefold(), []).append((address, statement))
    links = [_link(said, evidence) for said in found.values()]
    links.sort(key=lambda link: (not link.asked, not link.sure, not link.same_owner, KINDS[link.named_as[0]]))
    return tuple(links)[:MAX_TOLD]


def _is_itself(address: CodeAddress, evidence: Evidence) -> bool:
    return address.host == "huggingface.co" and f"{address.owner}/{address.name}" == evidence.ref.repo


def _link(said: list[tuple[CodeAddress, Statement]], evidence: Evidence) -> Link:
    """Put together what the card says of one repository in all places."""
    ordered = sorted(said, key=lambda one: (KINDS[one[1].kind], one[1].confidence != "high"))
    first = ordered[0][0]
    pinned = next((address for address, _ in ordered if address.ref), first)
    owner, _, model = evidence.ref.repo.partition("/")
    same = bool(model) and first.owner.casefold() == owner.casefold()
    trains = any(s.kind in {"training-code", "fine-tuning-code"} and s.confidence == "high" for _, s in ordered)
    like = len(first.name) >= _MIN_LIKE and names_family(first.name, stem_of(model)) and not _is_base(first, evidence)
    role = _role(first, [statement for _, statement in ordered], evidence)
    notes = () if same or not model else (f"its owner, {first.owner}, is not the model's, {owner}",)
    return Link(
        address=CodeAddress(first.host, first.owner, first.name, _version(pinned.ref)),
        where=tuple(dict.fromkeys(statement.where for _, statement in ordered))[:4],
        named_as=tuple(dict.fromkeys(statement.kind for _, statement in ordered)),
        sure=role == "other" and (trains or like or same),
        role=role,
        same_owner=same,
        notes=notes,
    )


def _version(ref: str) -> str:
    """The revision of a link where it names a fixed one: a branch is the newest state, as the bare address is."""
    return "" if ref.lower() in {"main", "master", "develop", "dev", "trunk", "head"} else ref


def _role(address: CodeAddress, said: list[Statement], evidence: Evidence) -> LinkedRole:
    """Tell general tools, and the code of models that this one was made from, by their addresses."""
    plain = f"{address.owner}/{address.name}".lower()
    general = {"framework", "training-tool"}
    if plain in FRAMEWORKS or all(statement.kind in general for statement in said):
        return "framework"
    return "base" if _is_base(address, evidence) else "other"


def _is_base(address: CodeAddress, evidence: Evidence) -> bool:
    """Whether a repository is another owner's, whose model this one was made from, or a family's own code."""
    owner, theirs = evidence.ref.repo.partition("/")[0].casefold(), address.owner.casefold()
    if owner == theirs:
        return False
    if theirs in {base.name.partition("/")[0].casefold() for base in evidence.bases if "/" in base.name}:
        return True
    plain = f"{address.owner}/{address.name}".lower()
    return any(plain in family.code and owner not in family.owners for family in all_families())
