"""What was seen of a model, and where: the values that every source returns and every check reads.

Nothing here looks at the world or judges it. A fact is known in one of three ways: `Seen` (a value and its
places), `Absent` (looked for and not there) or `Unknown` (could not look, and why).
"""

from __future__ import annotations

from dataclasses import field
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from osaudit.frozen import dataclass
from osaudit.once import worked_field
from osaudit.proberun import ProbeRun
from osaudit.where import Where as Where  # noqa: PLC0414 - part of what evidence is made of, and had from here

T = TypeVar("T")

EVIDENCE_SCHEMA = 2
"""1 is what 0.1.0 wrote: it holds words and not what the readers found in them."""

Kind: TypeAlias = Literal["model", "dataset", "code"]
Component: TypeAlias = Literal["weights", "code", "data", "docs", "policy", "any"]
GateMode: TypeAlias = Literal["open", "auto", "manual"]
DataRole: TypeAlias = Literal["pre-training", "fine-tuning", "evaluation", "unknown"]
Relation: TypeAlias = Literal["finetune", "merge", "adapter", "quantized", "unknown"]
Confidence: TypeAlias = Literal["high", "low"]
StatementKind: TypeAlias = Literal[
    "restriction",  # words that close a use: value = a flag of the clause table
    "requirement",  # a duty that the card adds outside the licence: value = what is required
    "unclear-terms",  # words with force that no rule understands: value = what they may touch, a flag or an `Unclear`
    "words-not-understood",  # words on terms without force that no rule understands
    "unread-terms",  # something listed that speaks of terms and was not read: value = what
    "hidden-words",  # words written so that a reader of their letters would miss them
    "training-data",  # value = "published" (on the Hub), "linked" (to another place), "named" or "vague"
    "generated-data",  # a model or service generated data for this repository: value = its name
    "data-withheld",  # the publisher says that the data is not released
    "training-code",  # value = the link, or the file named
    "fine-tuning-code",
    "training-tool",  # somebody else's project with which the card says that this model was trained: value = the link
    "inference-code",
    "framework",  # a general library or framework, no recipe of this model: value = the link, or the name (low)
    "evaluation-code",
    "code",  # a link to code whose purpose the card does not tell
    "paper",  # paper or report: value = the link; subject says what it is cited for
    "base",  # the card's words name a model that this one was made from: value = its name
    "remote-code",  # the card asks for trust_remote_code
]

Unclear: TypeAlias = Literal["terms", "trade", "persons", "places", "consent", "registration"]
"""What words may touch that no rule understands, where it is no flag: terms at large, or one thing alone."""
About: TypeAlias = Literal["trade", "more than text", "details", "study"]
"""What the words of a finding speak of besides: commercial use, models of more than text, where more is told, study."""
LinkedRole: TypeAlias = Literal[
    "own",  # the repository itself tells that it is this model's: by its owner, its README or its settings
    "named",  # the card says that it is this model's, and nothing in it does
    "other",  # it is linked, and neither says more
    "fork",  # its README tells of another owner's repository of the same name
    "framework",  # a general library or tool
    "base",  # the code of another owner's model, from which this one was made or to which it is compared
]
LinkedPart: TypeAlias = Literal[
    "training", "fine-tuning", "preprocessing", "evaluation", "inference", "settings", "data"
]
Tie: TypeAlias = Literal["owner", "readme", "settings"]
CostKind: TypeAlias = Literal["emissions", "energy", "hardware", "time", "provider", "region", "stage", "method"]


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """The value, and where it stands."""

    value: T
    where: tuple[Where, ...] = ()


@dataclass(frozen=True, slots=True)
class Absent:
    """Looked for in `where`, and not there."""

    where: tuple[Where, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """Could not look; `why` is a sentence for the report."""

    why: str


Fact: TypeAlias = Seen[T] | Absent | Unknown

NOT_LOOKED = Unknown("not looked into")
"""Stands for the evidence of a repository that is only named so far."""
NOT_PROBED = Unknown("The probe was not asked for.")


@dataclass(frozen=True, slots=True)
class ModelRef:
    """What was asked for: a repository id, the revision asked for (None: the default branch), and its kind."""

    repo: str
    revision: str | None = None
    kind: Kind = "model"

    @property
    def path(self) -> str:
        """The id as it stands in a Hub URL: data sets carry a prefix."""
        return f"datasets/{self.repo}" if self.kind == "dataset" else self.repo


@dataclass(frozen=True, slots=True)
class RepoFile:
    """One listed file: `size` in bytes and `sha256` (of the content, for LFS files) where the listing gives them."""

    path: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """The file list at the commit; `complete` is False where the list is known to leave files out."""

    entries: tuple[RepoFile, ...]
    complete: bool = True
    worked: dict[Any, Any] = worked_field()


@dataclass(frozen=True, slots=True)
class Cost:
    """Something that the card states of what making the model took, in its words.

    `amount`: grams of CO2 equivalent for `emissions`, kilowatt-hours for `energy`; absent where the words give none.
    """

    kind: CostKind
    value: str
    amount: Fact[float]
    where: Where


@dataclass(frozen=True, slots=True)
class Setting:
    """A hyperparameter that the card states, under its name in snake case; `value` is as the card writes it."""

    name: str
    value: str
    where: Where


NOT_READ_THEN = Unknown("it was not read when this evidence was collected")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The card's metadata, with every value as text. `problems` names keys of an unusable type."""

    license: Fact[tuple[str, ...]]
    license_name: Fact[str]
    license_link: Fact[str]
    datasets: Fact[tuple[str, ...]]
    base_model: Fact[tuple[str, ...]]
    base_model_relation: Fact[str]
    library_name: Fact[str]
    pipeline_tag: Fact[str]
    tags: Fact[tuple[str, ...]]
    language: Fact[tuple[str, ...]]
    gated_prompt: Fact[str]
    gated_fields: Fact[tuple[str, ...]]
    gated_eu_disallowed: Fact[bool]
    problems: tuple[str, ...] = ()
    emissions: Fact[tuple[Cost, ...]] = NOT_READ_THEN


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the card and its span; `topic` is the first topic that the heading's words name, else `other`."""

    heading: str
    level: int
    topic: str
    lines: tuple[int, int]


CUSTOM = "custom"
"""No licence of the clause table: the publisher's own, which is not named."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, table row or link of the card that bears on openness. `subject` is the component it speaks of.

    `rule` is the id of the rule that read it, where one did; `keys` are licences of the clause table that `value`
    names, or `CUSTOM`; `about` is what else its words speak of.
    """

    kind: StatementKind
    value: str
    subject: Component
    confidence: Confidence
    where: Where
    rule: str = ""
    keys: tuple[str, ...] = ()
    about: tuple[About, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """A model or data set card, read and not rendered: no field holds its prose beyond the quoted places."""

    where: Where
    size: int
    truncated: bool
    front_matter: Fact[FrontMatter]
    sections: tuple[Section, ...] = ()
    statements: tuple[Statement, ...] = ()
    costs: tuple[Cost, ...] = ()
    settings: tuple[Setting, ...] = ()
    worked: dict[Any, Any] = worked_field()


@dataclass(frozen=True, slots=True)
class LicenceClaim:
    """Somebody's word for the licence: a tag, a name, a sentence, a prompt.

    `keys` are the clause table's keys that the words name without doubt: one in the plain case, several for a choice
    or a list, none for words that name no known licence. `choices` are an expression's alternatives, each the keys
    that hold together: one alternative for AND, several for OR, none where nothing says how the keys are joined.
    `links` is the path in this repository to which the name is linked, empty where it is linked to none.
    """

    component: Component
    source: Literal[
        "front matter",
        "licence name",
        "licence link",
        "card statement",
        "badge",
        "gate prompt",
        "file header",
        "gguf metadata",
        "settings",
    ]
    name: str
    keys: tuple[str, ...]
    where: Where
    choices: tuple[tuple[str, ...], ...] = ()
    links: str = ""


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A licence found in a text. `exact`: every word of both stands in the other, names and years left aside.

    `cover` is the smaller of the two shares of six-word shingles (0 to 1) that text and licence have in common.
    """

    key: str
    spdx: str | None
    match: Literal["exact", "variant"]
    cover: float
    lines: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Restriction:
    """Words in a text that close a use or attach a duty; `flag` is a flag of the clause table.

    `rule` is the id of the rule that read them, where it has one, and `confidence` whether it is sure of its flag;
    `about` is what else they speak of.
    """

    flag: str
    where: Where
    rule: str = ""
    confidence: Confidence = "high"
    about: tuple[About, ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseSeen:
    """The clause on which the table's verdict of `key` under `criterion` rests, found in this text.

    `verbatim`: its words are those of the text that the table was made from.
    """

    key: str
    criterion: int
    clause: str
    verbatim: bool
    where: Where


@dataclass(frozen=True, slots=True)
class FlagSeen:
    """The sentence of this text that a flag of the clause table's entry `key` rests on; `clause` may be empty."""

    key: str
    flag: str
    clause: str
    where: Where


@dataclass(frozen=True, slots=True)
class LicenceText:
    """A licence-like text of the repository, identified. `text` is bounded; recorded facts carry hashes alone.

    `restrictions` are those of a text that is not a known licence word for word; `flags` are what the words of any
    text touch. `words` counts those of the text, up to a bound; 0 where they were not counted.
    """

    component: Component
    where: Where
    text: Fact[str]
    matches: tuple[TextMatch, ...] = ()
    residue_words: int = 0
    residue: tuple[str, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    clauses: tuple[ClauseSeen, ...] = ()
    flags: tuple[str, ...] = ()
    words: int = 0
    located: tuple[FlagSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """How the Hub guards the files. `fields` are the questions that the form asks, `personal` those on the asker.

    `restrictions` are the prompt's words that close a use or attach a duty.
    """

    mode: GateMode
    prompt: Fact[str]
    fields: tuple[str, ...] = ()
    eu_disallowed: bool = False
    personal: tuple[str, ...] = ()
    restrictions: tuple[Restriction, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameter counts of the safetensors headers, in all and by dtype."""

    total: int
    by_dtype: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """The part of config.json that bears on openness. `remote_code`: `auto_map` points to code in the repository."""

    architectures: tuple[str, ...]
    model_type: Fact[str]
    remote_code: bool
    quantization: Fact[str]
    dtype: Fact[str]
    name_or_path: Fact[str]


@dataclass(frozen=True, slots=True)
class DatasetUse:
    """A data set that the card names, its role as far as the words tell, and its own repository's evidence."""

    name: str
    role: DataRole
    confidence: Confidence
    where: Where
    evidence: Fact[Evidence]


@dataclass(frozen=True, slots=True)
class Base:
    """A model that this one was made from, how it was named, and its own repository's evidence."""

    name: str
    relation: Relation
    named_by: Literal[
        "front matter", "card", "config", "adapter config", "merge config", "gguf", "notice", "name", "same bytes"
    ]
    confidence: Confidence
    where: Where
    evidence: Fact[Evidence]


@dataclass(frozen=True, slots=True)
class Unseen:
    """Something that bears on the verdict and could not be looked at."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class PastTerms:
    """What the repository said of its licence when a commit had left it so, until `until`, the next that changed it.

    `date` is that of `commit`, ISO 8601 in UTC, empty where it cannot be read; the texts are kept by their hashes.
    """

    commit: str
    date: str
    until: str
    claims: tuple[LicenceClaim, ...] = ()
    texts: tuple[LicenceText, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """Earlier terms of the repository, oldest first; `complete` is False where older ones were not looked at."""

    states: tuple[PastTerms, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class TieSeen:
    """What ties a code repository to the model from its own side, and where it shows."""

    kind: Tie
    where: Where


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """A file of a code repository that bears on a verdict.

    `shown`: its words were read and show what its name tells; else the name alone tells it. `named`: its path names
    this model or its family. `folder` is the one whose licence governs it, empty for the root.
    """

    part: LinkedPart
    where: Where
    shown: bool = False
    named: bool = False
    folder: str = ""


@dataclass(frozen=True, slots=True)
class PaperSeen:
    """A paper that a code repository cites or holds, which was not read: its address or path, and its title."""

    address: str
    title: str
    where: Where


@dataclass(frozen=True, slots=True)
class LinkedRepository:
    """A code repository that the card links, and what was seen of it.

    `repo` is `host/owner/name`; `where` are the card's places, `named_as` what its words call it, `sure` whether they
    say that it is this model's. `evidence` holds README, licences and the files that bear on a verdict, at its commit;
    `listed` is how many files it has, and `whole` whether all of them were listed and none lies in a further
    repository.
    """

    repo: str
    address: str
    where: tuple[Where, ...]
    named_as: tuple[StatementKind, ...]
    sure: bool
    role: LinkedRole
    evidence: Fact[Evidence]
    ties: tuple[TieSeen, ...] = ()
    parts: tuple[LinkedFile, ...] = ()
    papers: tuple[PaperSeen, ...] = ()
    notes: tuple[str, ...] = ()
    listed: int = 0
    whole: bool = True


NOT_LINKED = Unknown("the code repositories that the card links were not asked for (--linked)")

NOT_ASKED = Unknown("the repository's history was not asked for (--history)")


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was seen of one repository at one commit, with that of its data sets and bases nested in it.

    `collected_at` is an ISO 8601 time in UTC and stays out of the digest; `licence_index` is the version of the
    identification index that named the texts; `source` says how it was collected. `probe` is what running the weights
    showed, where that was asked for; the repositories nested in it are never probed.

    `readers` is the version of the readers whose findings it holds, empty for evidence of 0.1.0, which holds none.
    `reread` is the digest of evidence that was saved without them and read again when it was loaded. `unverified` says
    why nothing holds what was read to what the repository has; it is empty where something does. `linked` are the code
    repositories that the card links, where they were asked for; what is nested in the evidence has none.
    """

    ref: ModelRef
    source: Literal["hub", "cache", "folder", "facts", "git"]
    collected_at: str
    commit: Fact[str]
    last_modified: Fact[str]
    licence_index: str
    files: Fact[Files]
    card: Fact[Card]
    gate: Fact[Gate]
    config: Fact[Config]
    parameters: Fact[Parameters]
    licence_claims: tuple[LicenceClaim, ...] = ()
    licence_texts: tuple[LicenceText, ...] = ()
    datasets: tuple[DatasetUse, ...] = ()
    bases: tuple[Base, ...] = ()
    unseen: tuple[Unseen, ...] = field(default=())
    past: Fact[Past] = NOT_ASKED
    probe: Fact[ProbeRun] = NOT_PROBED
    readers: str = ""
    reread: str = ""
    unverified: str = ""
    differing: tuple[Where, ...] = ()
    linked: Fact[tuple[LinkedRepository, ...]] = NOT_LINKED
