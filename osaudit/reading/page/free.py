"""Words of the front matter that no typed key holds: free keys, comments, tags, and every field of the gate's form.

A person who opens the card's source, or asks for access, reads them, so that they count as words of the card.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import yaml

from osaudit.compiled import regex
from osaudit.evidence import Where
from osaudit.reading.page.frontmatter import MAX_ITEMS, MAX_TEXT, nodes_of
from osaudit.reading.page.places import Document
from osaudit.reading.page.topics import Topic, topic_of

MAX_PIECES = 200
MAX_NESTING = 4

GATE, NAME = "extra_gated_", "license_name"
_PROMPT = "extra_gated_prompt"
_KNOWN = frozenset(
    {
        *(
            "license",
            "licence",
            "licenses",
            "licences",
            "license_link",
            "datasets",
            "dataset",
            "base_model",
        ),
        *(
            "base_model_relation",
            "language",
            "languages",
            "library_name",
            "pipeline_tag",
            "co2_eq_emissions",
            "metrics",
        ),
        *("model-index", "model_index", "widget", "thumbnail", "dataset_info", "configs", "train-eval-index"),
        *("task_categories", "task_ids", "size_categories", "multilinguality", "annotations_creators", "new_version"),
        *("language_creators", "source_datasets", "paperswithcode_id", "prompt_template", "examples", "arxiv", "doi"),
        *("eval_results", "results", "system_prompt", "chat_template", "instance_prompt", "validation_prompt", _PROMPT),
    }
)
"""Keys that typed readers know, and those that hold examples, scores or prompts."""

_SETTINGS = frozenset(
    {"type", "value", "options", "text", "checkbox", "select", "country", "date_picker", "ip_location"}
)
_COMMENT = regex(r"(?m)(?:^|[ \t])#[ \t]*([^\n#][^\n]{3,600})$")
_TERMS = regex(r"(?i)licen[cs]|terms|restrict|polic|usage|permi|allow|access|conditions|rights|use\b|commercial")
_WORDY = regex(r"[^\W\d_]{2,}[\W_]+[^\W\d_]{2,}|[^\x00-\u02ff]{4}")
_TAG = regex(r"[-_ ]|[^\x00-\x7f]")
_JOINED = regex(r"(?<=[A-Za-z])[-_](?=[A-Za-z])")
_NO_WORDS = regex(r"(?i)^\W*(?:https?://\S+|[\w.-]+/[\w.-]+)\W*$")


class Piece(NamedTuple):
    """Words that stand outside the card's body, with the topics that their place gives them."""

    words: str
    topics: tuple[Topic, ...]
    where: Where


def free_words(card: Document) -> Iterator[Piece]:
    """List the free words of a card's front matter, bounded in number."""
    found = nodes_of(card)
    if found is None:
        return
    block, root = found
    pieces = (
        Piece(words, topics, card.where(block.start + start, block.start + end, pointer))
        for words, topics, start, end, pointer in (*_of_root(root), *_comments(card.text[block.start : block.end]))
    )
    yield from islice(pieces, MAX_PIECES)


_Found = tuple[str, tuple[Topic, ...], int, int, str]


def _of_root(root: yaml.MappingNode) -> Iterator[_Found]:
    for key, value in root.value[:MAX_ITEMS]:
        if not isinstance(key, yaml.ScalarNode) or key.value in _KNOWN:
            continue
        pointer = f"/{key.value.replace('~', '~0').replace('/', '~1')}"
        if key.value == "tags":
            yield from _tags(value, pointer)
        elif key.value == NAME:
            yield from _licence_name(key, value, pointer)
        elif key.value.startswith(GATE):
            yield from ((words, ("licence",), *span, pointer) for words, span in _form(value, 0))
        else:
            yield from _of_key(key, value, pointer, 0)


def _tags(value: yaml.Node, pointer: str) -> Iterator[_Found]:
    """The tags of several words, a paragraph each; the Hub's own, as `license:mit`, are other people's to read."""
    nodes = value.value[:MAX_ITEMS] if isinstance(value, yaml.SequenceNode) else [value]
    tags = [str(node.value)[:200] for node in nodes if isinstance(node, yaml.ScalarNode) and _is_worded(node.value)]
    if tags:
        yield "\n\n".join(tags).replace("_", " "), (), value.start_mark.index, value.end_mark.index, pointer


def _licence_name(key: yaml.ScalarNode, value: yaml.Node, pointer: str) -> Iterator[_Found]:
    if isinstance(value, yaml.ScalarNode) and value.value:
        yield named(value.value), ("licence",), key.start_mark.index, value.end_mark.index, pointer


def named(name: str) -> str:
    """Write a licence's own name as a card's text would: "license: acme source available"."""
    return f"license: {_JOINED.sub(' ', name[:200])}"


def _is_worded(tag: str) -> bool:
    return ":" not in tag and _TAG.search(tag) is not None


def _form(value: yaml.Node, depth: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each heading, label, option and button of the form by which access is asked for."""
    if isinstance(value, yaml.ScalarNode):
        if value.value not in _SETTINGS and _WORDY.search(value.value):
            yield value.value[:MAX_TEXT], (value.start_mark.index, value.end_mark.index)
    elif isinstance(value, yaml.SequenceNode) and depth < MAX_NESTING:
        for item in value.value[:MAX_ITEMS]:
            yield from _form(item, depth + 1)
    elif isinstance(value, yaml.MappingNode) and depth < MAX_NESTING:
        for name, item in value.value[:MAX_ITEMS]:
            yield from _form(name, depth + 1)
            yield from _form(item, depth + 1)


def _of_key(key: yaml.ScalarNode, value: yaml.Node, pointer: str, depth: int) -> Iterator[_Found]:
    """A free key with its text: "usage restrictions: research only"; lists and mappings item by item."""
    name = str(key.value).replace("_", " ").replace("-", " ")[:100]
    if isinstance(value, yaml.ScalarNode):
        of_terms = _TERMS.search(name) is not None
        if (of_terms or _WORDY.search(value.value)) and value.value and not _NO_WORDS.match(value.value):
            topics: tuple[Topic, ...] = ("licence",) if of_terms else _topics(name)
            text = f"{name}: {value.value[:MAX_TEXT]}"
            yield text, topics, key.start_mark.index, value.end_mark.index, pointer
    elif isinstance(value, yaml.SequenceNode) and depth < MAX_NESTING:
        for item in value.value[:MAX_ITEMS]:
            yield from _of_key(key, item, pointer, depth + 1) if isinstance(item, yaml.ScalarNode) else ()
    elif isinstance(value, yaml.MappingNode) and depth < MAX_NESTING:
        for inner, item in value.value[:MAX_ITEMS]:
            if isinstance(inner, yaml.ScalarNode):
                yield from _of_key(inner, item, pointer, depth + 1)


def _topics(name: str) -> tuple[Topic, ...]:
    topic = topic_of(name)
    return () if topic == "other" else (topic,)


def _comments(source: str) -> Iterator[_Found]:
    """The comments of the YAML; a sign inside a quoted text may be taken for one, which reads it once more."""
    if "#" in source:
        for found in _COMMENT.finditer(source):
            if _WORDY.search(found.group(1)):
                yield found.group(1), (), found.start(1), found.end(1), "/"


def recorded_words(card_data: Mapping[str, Any], where: Where) -> Iterator[Piece]:
    """The same of the metadata that the Hub's API gives, for a card whose file cannot be read."""
    pieces = (
        Piece(words, topics, where) for key, value in card_data.items() for words, topics in _of_record(str(key), value)
    )
    yield from islice(pieces, MAX_PIECES)


def _of_record(key: str, value: object) -> Iterator[tuple[str, tuple[Topic, ...]]]:
    if key in _KNOWN:
        return
    name = key.replace("_", " ").replace("-", " ")
    of_form, of_tags = key.startswith(GATE), key == "tags"
    of_terms = _TERMS.search(name) is not None
    for words in _texts(value, 0, names=of_form):
        if of_form:
            if words not in _SETTINGS and _WORDY.search(words):
                yield words, ("licence",)
        elif of_tags:
            if _is_worded(words):
                yield words.replace("_", " "), ()
        elif (of_terms or _WORDY.search(words)) and not _NO_WORDS.match(words):
            yield named(words) if key == NAME else f"{name}: {words}", ("licence",) if of_terms else _topics(name)


def _texts(value: object, depth: int, *, names: bool) -> Iterator[str]:
    """The texts inside a JSON value; `names`: those of its keys too."""
    if isinstance(value, str):
        yield value[:MAX_TEXT]
    elif depth < MAX_NESTING and isinstance(value, Mapping):
        for key, item in list(value.items())[:MAX_ITEMS]:
            if names:
                yield str(key)[:MAX_TEXT]
            yield from _texts(item, depth + 1, names=names)
    elif depth < MAX_NESTING and isinstance(value, Sequence) and not isinstance(value, bytes):
        for item in value[:MAX_ITEMS]:
            yield from _texts(item, depth + 1, names=names)
