"""Proof: the clause table held against a folder of the texts that it was made from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from osaudit.frozen import dataclass
from osaudit.licences.clauses import clauses_in
from osaudit.licences.deciding import Finder
from osaudit.licences.heads import load_listed
from osaudit.licences.identify import name_text
from osaudit.licences.index import load_index
from osaudit.licences.locators import holds, locators_of
from osaudit.licences.references import items_of
from osaudit.licences.table import Licence, TextChecked, load_table
from osaudit.licences.tokens import words_of

ProblemKind: TypeAlias = Literal["missing", "hash", "words", "identity", "clause", "locator"]
MAX_FILE = 400_000
_ANY_LICENCE = frozenset({"licence", "license", "model", "copying", "md", "txt"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that the table says and the folder does not bear out.

    `missing`: no such file; `hash` and `words`: another text; `identity`: the index calls it something else;
    `clause`: a deciding clause was not found; `locator`: a listed text has no sentence with a locator's key words.
    """

    key: str
    kind: ProblemKind
    because: str


def check_table(*folders: Path) -> tuple[Problem, ...]:
    """Hold every entry that names its text against that text, wherever in the folders it stands."""
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    files = {path.name: path for path in reversed(found)}
    by_hash = {_sha256(path): path for path in found if path.stat().st_size <= MAX_FILE}
    problems: list[Problem] = []
    for licence in load_table().licences:
        checked = licence.text_checked
        if checked is None:
            continue
        path = by_hash.get(checked.sha256) or files.get(_own_name(checked.file))
        if path is None:
            problems.append(Problem(licence.key, "missing", f"{checked.file} is in none of the folders"))
        else:
            problems += _problems_of(licence, checked, path)
    problems += _missing_sentences(by_hash)
    return tuple(problems)


def _own_name(file: str) -> str:
    """A file's name where it tells one licence from another; `LICENSE.txt` stands in every repository."""
    name = Path(file).name
    return "" if set(re.findall("[a-z]+", name.casefold())) <= _ANY_LICENCE else name


def with_text() -> frozenset[str]:
    """The keys of the entries that name a text: these can be proved."""
    return frozenset(licence.key for licence in load_table().licences if licence.text_checked)


def _missing_sentences(by_hash: Mapping[str, Path]) -> Iterator[Problem]:
    """Hold the locators of each licence against every text of it that is listed, and in the folder."""
    for row in load_listed()["texts"]:
        path, locators = by_hash.get(row["sha256"]), locators_of(row["key"])
        if path is None or not (locators.criteria or locators.flags):
            continue
        finder = Finder(path.read_bytes()[:MAX_FILE].decode("utf-8", "replace"))
        asked = [(f"criterion {name}", rows) for name, rows in locators.criteria.items()]
        for name, rows in (*asked, *locators.flags.items()):
            for locator in rows:
                place = finder.find(locator)
                if place is None or not holds(place.quote, locator):
                    words = f"{path.name}: no sentence has the words {', '.join(locator.words)} ({name})"
                    yield Problem(row["key"], "locator", words)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _problems_of(licence: Licence, checked: TextChecked, path: Path) -> Iterator[Problem]:
    raw = path.read_bytes()[:MAX_FILE]
    text = raw.decode("utf-8", "replace")
    if hashlib.sha256(raw).hexdigest() != checked.sha256:
        yield Problem(licence.key, "hash", f"{path.name} is not the text that the entry was made from")
        return
    if len(text.split()) != checked.words:
        yield Problem(licence.key, "words", f"{path.name} has {len(text.split())} words, not {checked.words}")
    named = name_text(text, load_index())
    if [(match.key, match.match) for match in named.matches] != [(licence.key, "exact")]:
        yield Problem(licence.key, "identity", f"{path.name} is not identified as {licence.key}")
    yield from _missing_clauses(licence, text)


def _missing_clauses(licence: Licence, text: str) -> Iterator[Problem]:
    finder, locators = Finder(text), locators_of(licence.key).criteria
    hits = clauses_in(finder, words_of(text, with_notices=True), licence.key, load_index())
    located = {number for number, rows in locators.items() if any(finder.find(one) for one in rows)}
    located |= {hit.criterion for hit in hits}
    for verdict in licence.osd:
        items = tuple(items_of(verdict.clause))
        if verdict.v != "pass" and items and verdict.criterion not in located:
            yield Problem(licence.key, "clause", f"criterion {verdict.criterion}: {verdict.clause} is not found")
