"""Bills of materials read back, our own and those of other generators: which models they name, and what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from osaudit.bom import read_cyclonedx, read_spdx2, read_spdx3
from osaudit.bom.recognise import Ancestry, Entry, Table, text_in
from osaudit.errors import OsauditError, UsageError

MAX_BYTES = 16 * 1024 * 1024
MAX_MODELS = 100

_JSON_FORMS = "SPDX 2.2 and 2.3, SPDX 3.0 and CycloneDX 1.2 to 1.7, each as JSON"
_CYCLONEDX = frozenset(f"1.{minor}" for minor in range(2, 8))
_SPDX2 = frozenset({"SPDX-2.2", "SPDX-2.3"})
_SPDX3 = ("https://spdx.org/rdf/3.0.0/", "https://spdx.org/rdf/3.0.1/")


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model to audit: its id, its commit or other revision, its licences as stated, and its chain of bases."""

    id: str
    commit: str | None
    revision: str | None
    version: str
    declared: str
    concluded: str
    lineage: tuple[Ancestry, ...]


def read_bom(data: bytes) -> tuple[NamedModel, ...]:
    """Return the models that the document names, bases of others left aside.

    UsageError where it cannot be read as one of the known forms, OsauditError where it names no model.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(f"it is over {MAX_BYTES // 2**20} MB: is it a bill of materials?")
    entries, lineage = _read(_parse(data))
    roots = _roots(entries, lineage)
    if not roots:
        raise OsauditError(
            "it names no model on the Hub: none of its components has a package URL (pkg:huggingface/org/name), "
            "a page or a name of that form"
        )
    if len(roots) > MAX_MODELS:
        raise UsageError(f"it names {len(roots)} models, and {MAX_MODELS} are audited at most: split it")
    by_child: dict[str, list[Ancestry]] = {}
    for edge in lineage:
        by_child.setdefault(edge.child, []).append(edge)
    return tuple(_model(entry, by_child) for entry in roots)


def _parse(data: bytes) -> Table:
    head = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        raise UsageError(f"it is XML, which is not read: convert it; {_JSON_FORMS} are read")
    if head.startswith((b"SPDXVersion:", b"##")):
        raise UsageError(f"it is tag-value, which is written only: convert it; {_JSON_FORMS} are read")
    if re.match(rb"[A-Za-z]\w*:[ \r\n]", head):
        raise UsageError(f"it is YAML, which is written only, and not JSON: convert it; {_JSON_FORMS} are read")
    try:
        tree = json.loads(data)
    except RecursionError as error:
        raise UsageError("its JSON is nested too deeply: is it a bill of materials?") from error
    except ValueError as error:
        raise UsageError(f"it is not JSON, or is cut off ({_first_line(error)}); {_JSON_FORMS} are read") from error
    if not isinstance(tree, dict):
        raise UsageError(f"this JSON is no bill of materials; {_JSON_FORMS} are read")
    return tree


def _first_line(error: ValueError) -> str:
    return (str(error).splitlines() or [""])[0][:120]


def _read(tree: Table) -> tuple[tuple[Entry, ...], tuple[Ancestry, ...]]:
    if "bomFormat" in tree or "specVersion" in tree:
        _known(text_in(tree.get("specVersion")), _CYCLONEDX, "CycloneDX")
        return read_cyclonedx.read(tree)
    if "spdxVersion" in tree:
        _known(text_in(tree.get("spdxVersion")), _SPDX2, "SPDX")
        return read_spdx2.read(tree)
    if "@context" in tree or "@graph" in tree:
        context = json.dumps(tree.get("@context"))[:10_000]
        if not any(version in context for version in _SPDX3):
            raise UsageError(f"its JSON-LD context is not that of SPDX 3.0; {_JSON_FORMS} are read")
        return read_spdx3.read(tree)
    raise UsageError(f"this JSON is no bill of materials; {_JSON_FORMS} are read")


def _known(version: str, known: frozenset[str], form: str) -> None:
    if version not in known:
        raise UsageError(f"{form} version {version[:40]!r} is not known here; {_JSON_FORMS} are read")


def _roots(entries: Iterable[Entry], lineage: Iterable[Ancestry]) -> tuple[Entry, ...]:
    """The document's subjects and the models that are no other's base, each once; all of them where none is left."""
    unique = {(entry.named.id, entry.named.version): entry for entry in reversed(tuple(entries))}
    first = tuple(unique.values())[::-1]
    bases = {edge.parent for edge in lineage if edge.parent != edge.child}
    return tuple(entry for entry in first if entry.subject or entry.named.id not in bases) or first


def _model(entry: Entry, by_child: Mapping[str, Sequence[Ancestry]]) -> NamedModel:
    return NamedModel(
        id=entry.named.id,
        commit=entry.named.commit,
        revision=entry.named.revision,
        version=entry.named.version,
        declared=entry.declared,
        concluded=entry.concluded,
        lineage=_chain(entry.named.id, by_child),
    )


def _chain(model: str, by_child: Mapping[str, Sequence[Ancestry]]) -> tuple[Ancestry, ...]:
    """All that the model is said to descend from, sorted."""
    reached: set[str] = set()
    ahead = [model]
    while ahead:
        child = ahead.pop()
        if child not in reached:
            reached.add(child)
            ahead.extend(edge.parent for edge in by_child.get(child, ()))
    found = {edge for child in reached for edge in by_child.get(child, ())}
    return tuple(sorted(found, key=lambda edge: (edge.child, edge.parent, edge.relation)))
