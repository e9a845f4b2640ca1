"""What a GGUF file's own metadata says: the models that it comes from, and the licence that its converter wrote down.

Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (general metadata, source metadata).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from osaudit.evidence import NOT_LOOKED, Base, Component, LicenceClaim, ModelRef, Relation, Unknown, Where
from osaudit.licences.families import derived_family, family_of_type
from osaudit.licences.names import keys_of_tag, names_in
from osaudit.reading.page.free import Piece
from osaudit.reading.page.hub_names import hub_name, is_repository
from osaudit.reading.page.places import collapse, file_url
from osaudit.snapshot import GgufWords

MAX_BASES = 16
MAX_WORDS = 20_000

_SOURCES = (
    "general.source.repo_url",
    "general.source.huggingface.repository",
    "general.source.url",
    "general.repo_url",
)
_NAMES = ("general.basename", "general.name", "general.finetune")
_FREE = (".description", ".notes", ".usage", ".comment", ".disclaimer", ".terms")
_PLAIN: Mapping[int, str] = {ord(sign): " " for sign in "()/"}
_BY_OWN_NAME = Unknown("the name in a GGUF file's metadata alone tells of it")
_BY_TYPE = Unknown("the architecture in a GGUF file's metadata alone tells of it")
_BY_NAME = Unknown("the metadata of a GGUF file gives no address for it")


def gguf_bases(found: GgufWords, commit: str | None, own: ModelRef) -> Iterator[Base]:
    """List the models that the file was converted from, and those that its model was made from."""
    for key in _SOURCES:
        yield from _linked(found, key, "quantized", commit, own)
    for number in range(MAX_BASES):
        key = f"general.base_model.{number}"
        linked = tuple(_linked(found, f"{key}.repo_url", "unknown", commit, own))
        yield from linked
        name = collapse(found.words.get(f"{key}.name", ""))[:100]
        if name and not linked and f"{key}.repo_url" not in found.words:
            owner = collapse(found.words.get(f"{key}.organization", "an owner not named"))[:60].translate(_PLAIN)
            where = _place(found, f"{key}.name", commit, own)
            yield Base(f"{name.translate(_PLAIN)} (of {owner})", "unknown", "gguf", "low", where, _BY_NAME)


def gguf_families(found: GgufWords, commit: str | None, own: ModelRef) -> Iterator[Base]:
    """List the families that the file's name or architecture tells of, where their publisher does not own it."""
    owner = own.repo.partition("/")[0]
    for key in _NAMES:
        name = collapse(found.words.get(key, ""))[:100].translate(_PLAIN)
        if name and derived_family(f"{owner}/{name}"):
            yield Base(
                f"{name} (by a file's name)", "unknown", "gguf", "low", _place(found, key, commit, own), _BY_OWN_NAME
            )
    kind = found.words.get("general.architecture", "")
    family = family_of_type(kind)
    if family and owner.lower() not in family.publishers:
        where = _place(found, "general.architecture", commit, own)
        yield Base(f"{kind} (by the type in its settings)", "unknown", "gguf", "low", where, _BY_TYPE)


def gguf_claims(found: GgufWords, component: Component, commit: str | None, own: ModelRef) -> Iterator[LicenceClaim]:
    """List what the file names as its licence: an id, a name, a link."""
    words = found.words
    for key in ("general.license", "general.license.name", "general.license.link"):
        value = collapse(words.get(key, ""))[:300]
        if value:
            named = keys_of_tag(value) or next((hit.keys for hit in names_in(f"License: {value}")), ())
            yield LicenceClaim(component, "gguf metadata", value, named, _place(found, key, commit, own))


def gguf_words(found: GgufWords, commit: str | None, own: ModelRef) -> Iterator[Piece]:
    """Give the file's free texts, as its description: whoever loads it can read them."""
    for key in sorted(found.words):
        if key.endswith(_FREE):
            yield Piece(found.words[key][:MAX_WORDS], (), _place(found, key, commit, own))


def _linked(found: GgufWords, key: str, relation: Relation, commit: str | None, own: ModelRef) -> Iterator[Base]:
    name = hub_name(found.words.get(key, ""))
    if is_repository(name) and name.lower() != own.repo.lower():
        yield Base(name, relation, "gguf", "high", _place(found, key, commit, own), NOT_LOOKED)


def _place(found: GgufWords, key: str, commit: str | None, own: ModelRef) -> Where:
    quote = collapse(f"{key}: {found.words[key]}")[:400]
    url = file_url(own, commit, found.path)
    return Where(own.path, commit, found.path, pointer=f"/{key}", quote=quote, url=url)
