"""What a bill of materials tells of a model, whatever form it is written in.

Only what was seen stands here: a field without evidence is empty, and the writers leave it out.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from osaudit.bom import identifiers
from osaudit.bom.licensing import (
    UNSAID,
    Licensing,
    Reference,
    code_licensing,
    data_licensing,
    merge_references,
    model_licensing,
)
from osaudit.bom.making import Stated, costs_of, settings_of
from osaudit.bom.notes import Note, notes_of, notes_on_making
from osaudit.checks.cards import weight_files
from osaudit.checks.case import Case, DataSource, Parent, build_case
from osaudit.checks.code import Code
from osaudit.errors import UsageError
from osaudit.evidence import Card, Evidence, Fact, RepoFile, Seen, T, Unknown
from osaudit.licences.table import LicenceTable
from osaudit.verdict import Scorecard

LinkKind: TypeAlias = Literal["contains", "trained-on", "tested-on", "made-from", "may-be-made-from", "made-with"]
Access: TypeAlias = Literal["open", "auto", "manual", "unknown"]

MAX_SECTIONS = 8


@dataclass(frozen=True, slots=True)
class Traits:
    """What card, configuration and headers say of a model. `limitations` and `training` name places, not prose."""

    task: str | None = None
    family: str | None = None
    architectures: tuple[str, ...] = ()
    library: str | None = None
    languages: tuple[str, ...] = ()
    parameters: int | None = None
    limitations: tuple[str, ...] = ()
    training: tuple[str, ...] = ()
    costs: tuple[Stated, ...] = ()
    settings: tuple[Stated, ...] = ()


NO_TRAITS = Traits()


@dataclass(frozen=True, slots=True)
class Part:
    """A model, a data set or a repository of source code.

    `unseen` says why it was not looked into; empty where it was.
    """

    id: str
    kind: Literal["model", "dataset", "source"]
    name: str
    commit: str | None = None
    purl: str | None = None
    url: str | None = None
    supplier: str | None = None
    released: str | None = None
    licensing: Licensing = UNSAID
    access: Access = "unknown"
    unseen: str = ""
    traits: Traits = NO_TRAITS


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A file of the model's weights; size in bytes."""

    id: str
    path: str
    size: int | None
    sha256: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """How one part stands to another, by their identifiers; `detail` is the relation or the role as it was seen."""

    source: str
    kind: LinkKind
    target: str
    detail: str
    comment: str


@dataclass(frozen=True, slots=True)
class Content:
    """A bill of materials. `uuid` is made from all the rest: the same content, the same identifiers."""

    uuid: str
    created: str
    tool_version: str
    model: Part
    files: tuple[WeightFile, ...]
    files_complete: bool
    datasets: tuple[Part, ...]
    bases: tuple[Part, ...]
    links: tuple[Link, ...]
    references: tuple[Reference, ...]
    notes: tuple[Note, ...]
    sources: tuple[Part, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The document's name."""
        return f"{self.model.name} at {self.model.commit}" if self.model.commit else self.model.name

    @property
    def parts(self) -> tuple[Part, ...]:
        """The model, its bases, its data sets, and the code that made it."""
        return (self.model, *self.bases, *self.datasets, *self.sources)


def describe(evidence: Evidence, card: Scorecard, table: LicenceTable, created: str | None = None) -> Content:
    """Describe a model from its evidence and scorecard; `created` is the document's time, else the evidence's."""
    time = identifiers.moment(created or evidence.collected_at)
    if time is None:
        raise UsageError(f"{(created or evidence.collected_at)[:60]!r} is no time: the evidence has a damaged date")
    case = build_case(evidence, table)
    model = replace(_model(case), id="model")
    bases, lineage = _bases(case, model.id)
    datasets, uses = _datasets(case, model.id)
    sources, making = _sources(case, model.id)
    files = tuple(_files(evidence))
    content = Content(
        uuid="",
        created=time,
        tool_version=identifiers.clean(card.tool_version, 60),
        model=model,
        files=files,
        files_complete=isinstance(evidence.files, Seen) and evidence.files.value.complete,
        datasets=datasets,
        bases=bases,
        links=(*(Link(model.id, "contains", file.id, "weights", "") for file in files), *lineage, *uses, *making),
        references=merge_references(part.licensing for part in (model, *bases, *datasets, *sources)),
        sources=sources,
        notes=(*notes_of(card), *notes_on_making(model.traits.costs, model.traits.settings)),
    )
    told = repr(content) + (repr(sources) if sources else "")  # without any, as before there were any
    return replace(content, uuid=str(uuid.uuid5(uuid.NAMESPACE_URL, told)))


def _model(case: Case) -> Part:
    evidence = case.evidence
    commit = identifiers.commit_of(_value(evidence.commit))
    on_hub = (evidence.source != "folder" or commit is not None) and identifiers.is_repo_id(evidence.ref.repo)
    repo = identifiers.clean(evidence.ref.repo, 200)
    return Part(
        id=identifiers.local_id("base", repo),
        kind="model",
        name=repo,
        commit=commit,
        purl=identifiers.purl(repo, commit) if on_hub else None,
        url=identifiers.page(evidence.ref.path, commit) if on_hub else None,
        supplier=identifiers.owner_of(repo) if on_hub else None,
        released=identifiers.moment(_value(evidence.last_modified) or ""),
        licensing=model_licensing(case),
        access=_access(evidence),
        traits=_traits(evidence),
    )


def _access(evidence: Evidence) -> Access:
    gate = _value(evidence.gate)
    return gate.mode if gate else "unknown"


def _files(evidence: Evidence) -> Iterator[WeightFile]:
    listed = _value(evidence.files)
    commit = identifiers.commit_of(_value(evidence.commit))
    for entry in sorted(weight_files(listed), key=lambda entry: entry.path) if listed else ():
        yield _file(entry, evidence, commit)


def _file(entry: RepoFile, evidence: Evidence, commit: str | None) -> WeightFile:
    path = identifiers.clean(entry.path, 500)
    url = identifiers.file_address(evidence.ref.path, commit, path) if commit and path == entry.path else None
    size = entry.size if entry.size is not None and entry.size >= 0 else None
    return WeightFile(identifiers.local_id("file", entry.path), path, size, identifiers.sha256_of(entry.sha256), url)


def _bases(case: Case, model_id: str) -> tuple[tuple[Part, ...], tuple[Link, ...]]:
    """The models of the chain, each once, and how each is made from the next."""
    parts: dict[str, Part] = {}
    links: dict[tuple[str, str], Link] = {}
    for child, parent in _chain(case):
        base = _base(parent)
        parts.setdefault(base.id, base)
        source = (
            model_id if child == case.evidence.ref.repo else identifiers.local_id("base", identifiers.clean(child, 200))
        )
        target = model_id if base.name == case.evidence.ref.repo else base.id
        links.setdefault((source, target), _lineage_link(source, target, parent))
    reached = {link.target for link in links.values()}
    return tuple(part for part in parts.values() if part.id in reached), tuple(links.values())


def _chain(case: Case) -> Iterator[tuple[str, Parent]]:
    for parent in case.parents:
        yield case.evidence.ref.repo, parent
        if parent.case:
            yield from _chain(parent.case)


def _base(parent: Parent) -> Part:
    if parent.case:
        return _model(parent.case)
    base = parent.base
    name = identifiers.clean(base.name, 200)
    why = base.evidence.why if isinstance(base.evidence, Unknown) else "its repository is not there"
    unseen = identifiers.clean(why, 400)
    told = f" Its name tells the {parent.family.name}." if parent.family else ""
    on_hub = identifiers.owner_of(name) is not None
    return Part(
        id=identifiers.local_id("base", name),
        kind="model",
        name=name,
        purl=identifiers.purl(name, None) if on_hub else None,
        url=identifiers.page(name, None) if on_hub else None,
        supplier=identifiers.owner_of(name),
        licensing=Licensing(comment=identifiers.clean(f"Its repository was not seen: {unseen}.{told}")),
        unseen=unseen,
    )


def _lineage_link(source: str, target: str, parent: Parent) -> Link:
    base = parent.base
    words = f"{base.relation}; named by: {base.named_by}; confidence: {base.confidence}; {identifiers.told(base.where)}"
    kind: LinkKind = "made-from" if base.confidence == "high" else "may-be-made-from"
    return Link(source, kind, target, base.relation, identifiers.clean(words))


def _datasets(case: Case, model_id: str) -> tuple[tuple[Part, ...], tuple[Link, ...]]:
    parts: dict[str, Part] = {}
    links: dict[tuple[str, str], Link] = {}
    for source in case.data:
        part = _dataset(source, case.table)
        parts.setdefault(part.id, part)
        kind: LinkKind = "tested-on" if source.use.role == "evaluation" else "trained-on"
        words = f"{source.use.role}; confidence: {source.use.confidence}; {identifiers.told(source.use.where)}"
        link = Link(model_id, kind, part.id, source.use.role, identifiers.clean(words))
        links.setdefault((kind, part.id), link)
    return tuple(parts.values()), tuple(links.values())


def _sources(case: Case, model_id: str) -> tuple[tuple[Part, ...], tuple[Link, ...]]:
    """The model's own code repositories, each at its commit, and that it was made with them."""
    parts: list[Part] = []
    links: list[Link] = []
    for code in case.linked:
        if code.is_own and code.evidence is not None:
            part = _source(code, case.table)
            ties = identifiers.told_places(tie.where for tie in code.linked.ties)
            parts.append(part)
            links.append(Link(model_id, "made-with", part.id, "source code", identifiers.clean(f"its own: {ties}")))
    return tuple(parts), tuple(links)


def _source(code: Code, table: LicenceTable) -> Part:
    name = identifiers.clean(code.name, 200)
    commit = identifiers.commit_of(_value(code.evidence.commit)) if code.evidence else None
    return Part(
        id=identifiers.local_id("source", name),
        kind="source",
        name=name,
        commit=commit,
        purl=identifiers.source_purl(name, commit),
        url=f"https://{name}",
        supplier=name.split("/")[1],
        licensing=code_licensing(code, table),
        access="open",
    )


def _dataset(source: DataSource, table: LicenceTable) -> Part:
    name = identifiers.clean(source.use.name, 200)
    evidence = source.evidence
    part = Part(identifiers.local_id("dataset", name), "dataset", name, licensing=data_licensing(source, table))
    if evidence is None:
        why = source.use.evidence.why if isinstance(source.use.evidence, Unknown) else "its repository is not there"
        return replace(part, unseen=identifiers.clean(why, 400), supplier=identifiers.owner_of(name))
    commit = identifiers.commit_of(_value(evidence.commit))
    named = identifiers.is_repo_id(evidence.ref.repo)
    return replace(
        part,
        commit=commit,
        url=identifiers.page(evidence.ref.path, commit) if named else None,
        supplier=identifiers.owner_of(evidence.ref.repo),
        released=identifiers.moment(_value(evidence.last_modified) or ""),
        access=_access(evidence),
    )


def _traits(evidence: Evidence) -> Traits:
    card, config, parameters = _value(evidence.card), _value(evidence.config), _value(evidence.parameters)
    front = _value(card.front_matter) if card else None
    return Traits(
        task=_word(front.pipeline_tag) if front else None,
        family=_word(config.model_type) if config else None,
        architectures=_words(config.architectures) if config else (),
        library=_word(front.library_name) if front else None,
        languages=_words(front.language.value) if front and isinstance(front.language, Seen) else (),
        parameters=parameters.total if parameters and parameters.total > 0 else None,
        limitations=tuple(_sections(card, {"limitations", "out-of-scope"})) if card else (),
        training=tuple(_sections(card, {"training", "training-procedure"})) if card else (),
        costs=tuple(costs_of(card)) if card else (),
        settings=tuple(settings_of(card.settings)) if card else (),
    )


def _sections(card: Card, topics: set[str]) -> Iterable[str]:
    found = [section for section in card.sections if section.topic in topics]
    for section in found[:MAX_SECTIONS]:
        first, last = section.lines
        url = identifiers.web_address(card.where.url)
        anchor = f", {url}#L{first}-L{last}" if url else ""
        yield identifiers.clean(f"“{section.heading}” ({card.where.path}, lines {first}-{last}{anchor})", 400)


def _word(fact: Fact[str]) -> str | None:
    return identifiers.clean(_value(fact) or "", 200) or None


def _words(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for value in tuple(values)[:32] if (word := identifiers.clean(value, 100)))


def _value(fact: Fact[T]) -> T | None:
    return fact.value if isinstance(fact, Seen) else None
