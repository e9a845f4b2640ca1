"""The data sets and base models that a repository names, each with how and where it was named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from osaudit.compiled import regex
from osaudit.contents import is_quantised_name, plain_name, weight_format
from osaudit.evidence import (
    NOT_LOOKED,
    Base,
    Confidence,
    DataRole,
    DatasetUse,
    Files,
    FrontMatter,
    ModelRef,
    Relation,
    Seen,
    Statement,
    Unknown,
    Where,
)
from osaudit.files import settings_kind
from osaudit.licences.families import derived_family, family_of, tagged_family
from osaudit.reading.lineage.configured import BY_FOLDER, BY_PATH, OPAQUE, RELATIONS
from osaudit.reading.page.hub_names import hub_name, hub_names, is_repository
from osaudit.reading.page.wordlists import LOADERS

MAX_NAMES = 60
MAX_FILES = 400

_LINKED_SET = regex(r"\]\(https?://(?:www\.)?(?:huggingface\.co|hf\.co)/datasets/([\w.-]+(?:/[\w.-]+)?)/?\)")
_FILE = regex(r"(?i)\.(?:csv|tsv|txt|jsonl?|parquet|xlsx?|zip|gz|tar|pkl|npy)$|^\.{0,2}/")
_VERSIONED = regex(r"\d")
_BY_TAG = "a tag alone tells of it"
_UNREADABLE = "a base model that the metadata names in no readable way"


def listed_sets(matter: FrontMatter | None) -> tuple[str, ...]:
    """List the data sets that the front matter names; a file or a loader (`imagefolder`) is none."""
    if matter is None or not isinstance(matter.datasets, Seen) or not matter.datasets.where:
        return ()
    names = (_set_name(value) for value in matter.datasets.value[:MAX_NAMES])
    return tuple(dict.fromkeys(name for name in names if name and not _is_local(name)))


def local_sets(matter: FrontMatter | None) -> tuple[Statement, ...]:
    """Tell that the front matter speaks of training data and names none: a file, or a loader of files."""
    if matter is None or not isinstance(matter.datasets, Seen) or not matter.datasets.where:
        return ()
    local = [value for value in matter.datasets.value[:MAX_NAMES] if _is_local(value) and not _says_none(value)]
    return (Statement("training-data", "vague", "data", "low", matter.datasets.where[0]),) if local else ()


def _set_name(value: str) -> str:
    """Reduce an entry to its id, also where it is written as a Markdown link."""
    within = _LINKED_SET.search(value)
    return within.group(1) if within else hub_name(value)


def _is_local(value: str) -> bool:
    return value.strip().lower() in LOADERS or _FILE.search(value) is not None


def _says_none(value: str) -> bool:
    return value.strip().lower() in {"", "none", "null", "unknown"}


def datasets_of(
    matter: FrontMatter | None, linked: tuple[DatasetUse, ...], stages: Mapping[str, DataRole]
) -> tuple[DatasetUse, ...]:
    """Put the front matter's data sets before those that the card's body links; the body may tell a role.

    A role that only words tell (`stages`) is less sure than one that stands beside a link.
    """
    roles = {use.name.lower(): use for use in linked}
    named: dict[str, DatasetUse] = {}
    for name in listed_sets(matter):
        told = roles.get(name.lower())
        role = told.role if told else "unknown"
        sure: Confidence = "high"
        if role == "unknown" and stages.get(name, "unknown") != "unknown":
            role, sure = stages[name], "low"
        if matter is not None and isinstance(matter.datasets, Seen):
            named.setdefault(name.lower(), DatasetUse(name, role, sure, matter.datasets.where[0], NOT_LOOKED))
    for use in linked:
        named.setdefault(use.name.lower(), use)
    return tuple(named.values())[:MAX_NAMES]


def bases_of(
    ref: ModelRef,
    matter: FrontMatter | None,
    told: Iterable[tuple[Statement, Relation]],
    configured: Iterable[Base],
    hinted: Iterable[Base] = (),
    files: Files | None = None,
) -> tuple[Base, ...]:
    """List the bases: the front matter's, else the card's own words for them; then what settings files name.

    Words, marks and notices (`hinted`), and the names of the repository and its files count besides if they tell of a
    family under restricting terms that no other base is under: metadata can leave out what matters. Where nothing else
    names a base, the name of a quantised repository does.
    """
    declared = (*_declared(ref, matter, files), *_tagged(matter))
    worded = tuple(_worded(statement, relation) for statement, relation in told)
    listed = tuple(configured)
    found: dict[str, Base] = {}
    named = (base for base in listed if base.evidence not in BY_FOLDER)
    for base in (*declared, *(() if declared else worded), *named):
        if base.name and base.name.lower() != ref.repo.lower():
            found.setdefault(base.name.lower(), base)
    under = {family.licence for base in found.values() if (family := family_of(base.name))}
    by_path = (base for base in listed if base.evidence == BY_PATH)
    for base in (*worded, *_by_own_name(ref), *_by_tags(ref, matter), *hinted, *by_path, *_by_files(ref, files)):
        family = family_of(base.name)
        if family and family.adds_to(under):
            under.add(family.licence)
            found.setdefault(base.name.lower(), base)
    for base in () if declared else (base for base in listed if base.evidence == OPAQUE):
        if base.relation == "merge" or not found:
            found.setdefault(base.name.lower(), base)
    return tuple(found.values() if found else _quantised(ref))[:MAX_NAMES]


def _by_own_name(ref: ModelRef) -> Iterator[Base]:
    """The family that the repository's own name tells, where somebody else than its publisher owns it."""
    if "/" in ref.repo and derived_family(ref.repo):
        yield _named(ref, ref.repo.partition("/")[2], "unknown")


def _tagged(matter: FrontMatter | None) -> Iterator[Base]:
    """The bases that tags name as the Hub writes them: `base_model:finetune:maker/egg-7b`."""
    if matter is None or not isinstance(matter.tags, Seen) or not matter.tags.where:
        return
    for tag in matter.tags.value:
        parts = tag.strip().split(":")
        if parts[0].lower() == "base_model" and is_repository(hub_name(parts[-1])):
            relation = RELATIONS.get(parts[1].lower(), "unknown")
            yield Base(hub_name(parts[-1]), relation, "front matter", "high", matter.tags.where[0], NOT_LOOKED)


def _by_tags(ref: ModelRef, matter: FrontMatter | None) -> Iterator[Base]:
    """The family that the metadata's tags tell, where they tell as well that this is a model of its kind."""
    if matter is None or not isinstance(matter.tags, Seen) or not matter.tags.where:
        return
    where = matter.tags.where[0]
    for tag in matter.tags.value:
        if _VERSIONED.search(tag) and derived_family(f"{ref.repo.partition('/')[0]}/{tag.strip()}"):
            yield Base(tag.strip(), "unknown", "front matter", "low", where, Unknown(_BY_TAG))
    task = matter.pipeline_tag.value if isinstance(matter.pipeline_tag, Seen) else ""
    told = tagged_family(ref.repo, (*matter.tags.value, task))
    if told:
        yield Base(told[0], "unknown", "front matter", "low", where, Unknown(_BY_TAG))


def _quantised(ref: ModelRef) -> Iterator[Base]:
    """The model that the name of a quantised repository is made of: `Egg-7B` in `maker/Egg-7B-GPTQ`."""
    name = ref.repo.rpartition("/")[2]
    whole = plain_name(name)
    if ref.kind == "model" and whole and whole != name:
        yield _named(ref, whole, "quantized")


def _named(ref: ModelRef, name: str, relation: Relation) -> Base:
    where = Where(ref.repo, None, "the repository's name", quote=ref.repo, url=f"https://huggingface.co/{ref.repo}")
    why = Unknown("the repository's name alone tells of it")
    return Base(f"{name} (its own name)", relation, "name", "low", where, why)


def _by_files(ref: ModelRef, files: Files | None) -> Iterator[Base]:
    """The families that the weight files' names tell of, where somebody else than their publisher owns them."""
    owner = ref.repo.partition("/")[0] if "/" in ref.repo else ""
    weights = (entry.path for entry in (files.entries if files else ()) if weight_format(entry.path))
    for path, _ in zip(weights, range(MAX_FILES), strict=False):
        told = (name for name in reversed(path.split("/")) if derived_family(f"{owner}/{name}"))
        if name := next(told, None):
            where = Where(ref.path, None, path, quote=path[:200])
            why = Unknown("a file's name alone tells of it")
            yield Base(f"{name[:100]} (by a file's name)", "unknown", "name", "low", where, why)


def _declared(ref: ModelRef, matter: FrontMatter | None, files: Files | None) -> Iterator[Base]:
    if matter is None:
        return
    if isinstance(matter.base_model, Seen):
        relation = _relation(ref, matter, files)
        for value in matter.base_model.value:
            for name in hub_names(value):
                yield Base(name, relation, "front matter", "high", matter.base_model.where[0], NOT_LOOKED)
    if "base_model" in matter.problems:
        where = Where(ref.path, None, "README.md", pointer="/base_model")
        yield Base(_UNREADABLE, "unknown", "front matter", "high", where, Unknown("base_model is no text and no list"))


def _relation(ref: ModelRef, matter: FrontMatter, files: Files | None) -> Relation:
    """What the metadata says of how it was made, else what library, tags and names tell."""
    if isinstance(matter.base_model_relation, Seen):
        return RELATIONS.get(matter.base_model_relation.value.strip().lower(), "unknown")
    tags = {tag.lower() for tag in matter.tags.value} if isinstance(matter.tags, Seen) else set()
    library = matter.library_name.value.lower() if isinstance(matter.library_name, Seen) else ""
    if library == "peft" or tags & {"lora", "peft"} or any(settings_kind(path) == "adapter" for path in _root(files)):
        return "adapter"
    if tags & {"merge", "mergekit"} or any(settings_kind(path) == "merge" for path in _root(files)):
        return "merge"
    return "quantized" if library == "gguf" or is_quantised_name(ref.repo) else "unknown"


def _root(files: Files | None) -> Iterator[str]:
    return (entry.path for entry in (files.entries if files else ()) if "/" not in entry.path)


def _worded(statement: Statement, relation: Relation) -> Base:
    return Base(statement.value, relation, "card", statement.confidence, statement.where, NOT_LOOKED)
