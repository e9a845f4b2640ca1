"""A card's front matter, read as the Hub's own client reads it, but bounded and with every value kept as text.

Nodes are composed and never constructed: no dates, octals, booleans or tags of YAML reach a value, and aliases
share their node instead of growing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import yaml

from osaudit.compiled import regex
from osaudit.evidence import Absent, Fact, FrontMatter, Seen, Unknown, Where
from osaudit.frozen import dataclass
from osaudit.reading.page import emissions
from osaudit.reading.page.places import Document

MAX_FRONT_MATTER = 1_000_000
MAX_SLOW = 50_000
MAX_DEPTH = 100
MAX_NODES = 200_000
MAX_ITEMS = 1_000
MAX_LEVELS = 2  # below a key: no key that is read holds more
MAX_TEXT = 100_000

_OPENING = regex(r"\s*---(\r\n|\r|\n)")
_CLOSING = regex(r"(?:\r\n|\r|\n)---[ \t]*(?:\r\n|\n|\Z)")
_FLOW_NESTING = regex(r"[\[\]{}]")
_BLOCK_NESTING = regex(r"(?m)^[ \t?-]+")
_LIST_KEYS = ("license", "datasets", "base_model", "tags", "language")
_TEXT_KEYS = ("license_name", "license_link", "base_model_relation", "library_name", "pipeline_tag")
_LICENCE_KEYS = frozenset({"license", "licence", "licenses", "licences"})
_TRUE = {"true", "yes", "on", "1"}

Value: TypeAlias = str | list["Value"] | dict[str, "Value"] | None
Place: TypeAlias = Callable[[str, Sequence[str]], tuple[Where, ...]]


class _Composer(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # one of two loaders
    """A loader that tells null and merge keys from other plain words, which is all that is asked of a tag here.

    YAML's own resolver tries an expression for each kind of value at every node, and a card can list ten thousand.
    """

    # no tag hangs on a node's place, so that neither is asked for anything: functions in C that take what they get
    descend_resolver = operator.is_
    ascend_resolver = tuple

    def resolve(self, kind: type[yaml.Node], value: str | None, implicit: Any) -> str:  # noqa: ANN401 - the loader's own
        """Give a node's tag: null, merge, or that of its kind."""
        if kind is _SCALAR:
            return _TAGS.get(value or "", _TEXT) if implicit[0] else _TEXT
        return _SEQUENCE if kind is yaml.SequenceNode else _MAPPING


_SCALAR = yaml.ScalarNode
_TEXT, _SEQUENCE, _MAPPING, _NULL, _MERGE = (
    f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map", "null", "merge")
)
_TAGS = {**dict.fromkeys(("", "~", "null", "Null", "NULL"), _NULL), "<<": _MERGE}


@dataclass(frozen=True, slots=True)
class Block:
    """The spans of a card: its YAML from `start` to `end`, its body from `body`."""

    start: int
    end: int
    body: int


def find_block(text: str) -> Block | None:
    """Find the front matter as the Hub does: leading blanks, any line ending, closed by a line of three dashes."""
    opening = _OPENING.match(text)
    if opening is None:
        return None
    start = opening.end()
    closing = _CLOSING.search(text, start)
    if closing is None and opening.group(1) == "\r\n":
        start -= 1
        closing = _CLOSING.search(text, start)
    return Block(start, closing.start(), closing.end()) if closing else None


def from_card(card: Document) -> Fact[FrontMatter]:
    """Read the front matter of a card's text."""
    block = find_block(card.text)
    if block is None:
        return Absent((card.whole(),))
    source = card.text[block.start : block.end]
    root = _compose(source)
    if isinstance(root, str):
        return Unknown(f"The front matter of {card.path} cannot be used: {root}.")
    entries = _entries(root) if root is not None else {}
    if entries is None:
        return Unknown(f"The front matter of {card.path} is not a mapping of keys to values.")
    whole = card.place((card.line_of(block.start), card.line_of(block.end)), None)

    def place(key: str, values: Sequence[str]) -> tuple[Where, ...]:
        if key not in entries:
            return (whole,)
        start, end, _ = entries[key]
        pointer = f"/{key.replace('~', '~0').replace('/', '~1')}"
        return (card.where(block.start + start, block.start + end, pointer),) if values else (whole,)

    return Seen(_front_matter({key: value for key, (_, _, value) in entries.items()}, place), (whole,))


def nodes_of(card: Document) -> tuple[Block, yaml.MappingNode] | None:
    """The front matter's span and its nodes, for those who read more of it than its typed keys."""
    block = find_block(card.text)
    root = _compose(card.text[block.start : block.end]) if block else None
    return (block, root) if block and isinstance(root, yaml.MappingNode) else None


def texts_at(card: Document, key: str) -> Fact[tuple[str, ...]]:
    """Read one key of a card's front matter as texts."""
    block = find_block(card.text)
    root = _compose(card.text[block.start : block.end]) if block else None
    entries = _entries(root) if isinstance(root, yaml.Node) else None
    if block is None or not entries or key not in entries:
        return Absent((card.whole(),))
    start, end, value = entries[key]
    return _texts(key, value, lambda _, __: (card.where(block.start + start, block.start + end, f"/{key}"),))


def from_record(card_data: Mapping[str, Any], place: Place) -> FrontMatter:
    """Read the metadata that the Hub's API gives, for a card whose file cannot be read."""
    return _front_matter({str(key): _plain(value) for key, value in card_data.items()}, place)


@lru_cache(maxsize=16)  # typed and free keys are read off the same nodes
def _compose(source: str) -> yaml.Node | str | None:
    """Compose the YAML; a text says why not."""
    if len(source) > MAX_FRONT_MATTER:
        return f"it is longer than {MAX_FRONT_MATTER:,} characters"
    if _may_nest_deeply(source):
        return f"it is nested deeper than {MAX_DEPTH} levels"
    try:
        root: yaml.Node | str | None = yaml.compose(source, Loader=_Composer)
    except yaml.YAMLError as error:
        root = _compose_slowly(source, error)
    if isinstance(root, str):
        return root
    grown = _expanded_size(root) if root is not None and "*" in source else 0
    return "its aliases expand beyond all bounds" if grown > MAX_NODES else root


def _compose_slowly(source: str, error: yaml.YAMLError) -> yaml.Node | str | None:
    """Try the parser that the Hub's client uses: it accepts a few texts that the fast one refuses."""
    try:
        if len(source) <= MAX_SLOW:
            return yaml.compose(source, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as slow_error:
        return f"it is no valid YAML ({_first_line(slow_error)})"
    return f"it is no valid YAML ({_first_line(error)})"


def _may_nest_deeply(source: str) -> bool:
    """Tell whether the YAML is nested too deeply; the parser's events are counted only where that could be."""
    block = max((len(found.group()) for found in _BLOCK_NESTING.finditer(source)), default=0)
    depth = deepest = 0
    for found in _FLOW_NESTING.finditer(source):
        depth = max(0, depth + (1 if found.group() in "[{" else -1))
        deepest = max(deepest, depth)
    return max(block, deepest) > MAX_DEPTH and _event_depth(source) > MAX_DEPTH


def _event_depth(source: str) -> int:
    """Measure the depth by the parser's events, which need no recursion."""
    depth = deepest = 0
    try:
        for event in yaml.parse(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                deepest = max(deepest, depth)
                if deepest > MAX_DEPTH:
                    break
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError:
        return deepest
    return deepest


def _expanded_size(root: yaml.Node) -> int:
    """Count the nodes that the document would have if every alias were written out."""
    sizes: dict[int, int] = {}

    def size(node: yaml.Node) -> int:
        known = sizes.get(id(node))
        if known is not None:
            return known
        sizes[id(node)] = MAX_NODES  # an alias into its own anchor never ends
        total = 1 + sum(size(child) for child in _children(node))
        sizes[id(node)] = min(total, MAX_NODES + 1)
        return sizes[id(node)]

    try:
        return size(root)
    except RecursionError:  # a chain of aliases, each inside the next
        return MAX_NODES + 1


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _entries(root: yaml.Node) -> dict[str, tuple[int, int, Value]] | None:
    """List the top-level keys with their span and value; of a key given twice the last counts.

    Of a licence's key all count: whoever reads the card reads them all.
    """
    if isinstance(root, yaml.ScalarNode) and _is_null(root):
        return {}
    if not isinstance(root, yaml.MappingNode):
        return None
    found: dict[str, tuple[int, int, Value]] = {}
    for key, value in _merged(root):
        if isinstance(key, yaml.ScalarNode):
            end = max(value.end_mark.index, key.end_mark.index)
            given = _value(value, 0)
            before = found.get(key.value) if key.value.strip().casefold() in _LICENCE_KEYS else None
            if before and before[2] != given:
                given, start = [*_listed(before[2]), *_listed(given)], before[0]
            else:
                start = key.start_mark.index
            found[key.value] = (start, end, given)
    return found


def _listed(value: Value) -> list[Value]:
    return value if isinstance(value, list) else [value]


def _merged(root: yaml.MappingNode) -> list[tuple[yaml.Node, yaml.Node]]:
    """Put the pairs that a merge key (`<<`) brings in before the mapping's own."""
    own: list[tuple[yaml.Node, yaml.Node]] = []
    brought: list[tuple[yaml.Node, yaml.Node]] = []
    for key, value in root.value:
        if key.tag == _MERGE:
            sources = list(reversed(value.value)) if isinstance(value, yaml.SequenceNode) else [value]
            for source in sources[:MAX_ITEMS]:
                brought += source.value if isinstance(source, yaml.MappingNode) else []
        else:
            own.append((key, value))
    return brought + own


def _is_null(node: yaml.ScalarNode) -> bool:
    return bool(node.tag == _NULL)


def _value(node: yaml.Node, depth: int) -> Value:
    """Turn a node into text, lists and mappings of text, three levels deep."""
    if isinstance(node, yaml.ScalarNode):
        return None if _is_null(node) else str(node.value)[:MAX_TEXT]
    if depth > MAX_LEVELS:
        return None
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, depth + 1) for item in node.value[:MAX_ITEMS]]
    pairs = node.value[:MAX_ITEMS] if isinstance(node, yaml.MappingNode) else []
    return {str(key.value): _value(value, depth + 1) for key, value in pairs if isinstance(key, yaml.ScalarNode)}


def _plain(value: object) -> Value:
    """Turn a JSON value into text, lists and mappings of text."""
    if value is None or isinstance(value, str):
        return value if value is None else value[:MAX_TEXT]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in list(value.items())[:MAX_ITEMS]}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_plain(item) for item in value[:MAX_ITEMS]]
    return str(value)[:MAX_TEXT]


def _first_line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or type(error).__name__)
    return f"{problem}, line {mark.line + 1}" if mark else problem


def _front_matter(values: Mapping[str, Value], place: Place) -> FrontMatter:
    """Fill the fields, and name the keys whose type cannot be used."""
    lists = {key: _texts(key, values.get(key), place) for key in _LIST_KEYS}
    lists["license"] = _licence(values, place)
    texts = {key: _text(key, values.get(key), place) for key in (*_TEXT_KEYS, "extra_gated_prompt")}
    fields = _texts("extra_gated_fields", _keys(values.get("extra_gated_fields")), place)
    refused = values.get("extra_gated_eu_disallowed")
    eu: Fact[bool] = Absent(place("extra_gated_eu_disallowed", ()))
    if isinstance(refused, str):
        eu = Seen(refused.strip().lower() in _TRUE, place("extra_gated_eu_disallowed", (refused,)))
    released = emissions.of_matter(values.get(emissions.KEY), place)
    facts: dict[str, Fact[Any]] = {**lists, **texts, emissions.KEY: released}
    problems = (key for key, fact in facts.items() if isinstance(fact, Unknown) or _is_mixed(values.get(key)))
    return FrontMatter(
        license=lists["license"],
        license_name=texts["license_name"],
        license_link=texts["license_link"],
        datasets=lists["datasets"],
        base_model=lists["base_model"],
        base_model_relation=texts["base_model_relation"],
        library_name=texts["library_name"],
        pipeline_tag=texts["pipeline_tag"],
        tags=lists["tags"],
        language=lists["language"],
        gated_prompt=texts["extra_gated_prompt"],
        gated_fields=fields,
        gated_eu_disallowed=eu,
        problems=tuple(problems),
        emissions=released,
    )


def _licence(values: Mapping[str, Value], place: Place) -> Fact[tuple[str, ...]]:
    """Read the licence by every spelling of its key: the Hub passes over all but `license`, and a reader does not."""
    keys = [key for key in values if key.strip().casefold() in _LICENCE_KEYS] or ["license"]
    facts = [_texts(key, values.get(key), place) for key in keys]
    seen = [fact for fact in facts if isinstance(fact, Seen)]
    unusable = next((fact for fact in facts if isinstance(fact, Unknown)), None)
    if unusable or not seen:
        return unusable or facts[0]
    names = dict.fromkeys(name for fact in seen for name in fact.value)
    return Seen(tuple(names), tuple(where for fact in seen for where in fact.where))


def _keys(value: Value) -> Value:
    """The form's questions: the keys of a mapping, or of the mappings in a list."""
    if isinstance(value, list):
        return [key for item in value for key in (item if isinstance(item, dict) else [item] if item else [])]
    return list(value) if isinstance(value, dict) else value


def _is_mixed(value: Value) -> bool:
    return isinstance(value, list) and any(isinstance(item, (list, dict)) for item in value)


def _texts(key: str, value: Value, place: Place) -> Fact[tuple[str, ...]]:
    """Read a value that may be one text or a list of texts."""
    if isinstance(value, dict):
        return Unknown(f"The front matter's {key} is a mapping, not a text or a list of texts.")
    items = value if isinstance(value, list) else [value]
    texts = tuple(item for item in items if isinstance(item, str) and item.strip())
    return Seen(texts, place(key, texts)) if texts else Absent(place(key, ()))


def _text(key: str, value: Value, place: Place) -> Fact[str]:
    """Read a value that should be one text; a list of one text will do."""
    one = value[0] if isinstance(value, list) and len(value) == 1 else value
    if one is None or (isinstance(one, str) and not one.strip()) or one == []:
        return Absent(place(key, ()))
    if not isinstance(one, str):
        return Unknown(f"The front matter's {key} is not a text.")
    return Seen(one, place(key, (one,)))
