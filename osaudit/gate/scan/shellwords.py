"""Shell scripts taken apart into commands and words, with the values that the script itself gives its variables.

Read are quotes, escapes, comments, `$NAME`, `${NAME:-default}`, assignments, lists, and loops over words (POSIX.1-2024,
Shell Command Language, 2.2 to 2.6). Nothing is run, and what a substitution gives is said to be open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product

from osaudit.gate.scan.adopted import Spot

MOST = 8
"""Values that one word may have."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\+?=")
_BRACED = re.compile(r"\{[!#]?([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?!-])(?:\[[^\]]*\])?(?:(:?[-=])([^{}]*)|[^{}]*)\}")
_GO = re.compile(r"\{([A-Za-z_.][\w.]*)\}")
_PARAMETER = re.compile(r"([A-Za-z_][A-Za-z0-9_]*|[0-9@*])")
_LITERAL = re.compile(r"[^\s'\"\\$`;&|()<>]+")
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\1")
_DECLARES = frozenset({"export", "local", "declare", "readonly", "typeset", "set", "setenv", "env"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its possible values; none where it is open, and then `why`. `at` is its offset, or its number.

    `variable` is the environment's that would tell it, or whose default was taken.
    `inner` is how far the words within quotes begin behind that.
    """

    texts: tuple[str, ...]
    at: int = 0
    why: str = ""
    variable: str = ""
    assumed: str = ""
    inner: int = 0
    written: Spot | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What a variable holds, and which default was taken for that.

    One that another file of the tree sets has its place in `written`; where files set different ones, `texts` is empty
    and `why` tells them.
    """

    texts: tuple[str, ...]
    at: int = 0
    assumed: str = ""
    written: Spot | None = None
    why: str = ""


@dataclass(slots=True)
class Script:
    """A script that is read: its text, what its variables hold so far, and which of them were asked for."""

    text: str
    variables: dict[str, Held] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    assigned: dict[str, Held] = field(default_factory=dict)
    documents: list[tuple[tuple[str, ...], int, int]] = field(default_factory=list)
    """What stands between `<<END` and `END`: the command that reads it, and where it begins and ends."""


def commands(script: Script) -> Iterator[list[Word]]:
    """Give the commands of a script one after the other; what they assign is held for those that follow."""
    words: list[Word] = []
    skipped: list[str] = []
    at, text = 0, script.text
    last: tuple[str, ...] = ()
    while at < len(text):
        char = text[at]
        if char in " \t\r" or text.startswith("\\\n", at):
            at += 1 if char != "\\" else 2
        elif char == "#" and (at == 0 or text[at - 1] in " \t\n;"):
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif char == "<" and (heredoc := _HEREDOC.match(text, at)):
            skipped.append(heredoc[2])
            at = heredoc.end()
        elif char in "<>":
            at = _redirected(script, at)
        elif char in "\n;&|()":
            if (
                char == "("
                and words
                and words[-1].texts
                and words[-1].texts[0].endswith("=")
                and _is_list(words[-1], at)
            ):
                at = _list(script, words.pop(), at + 1)
                continue
            told = tuple(word.texts[0] if word.texts else "" for word in words)
            last = told or last
            if words:
                yield from _settled(script, words)
                words = []
            at = _behind(script, at + 1, skipped, last) if char == "\n" and skipped else at + 1
        else:
            word, at = _word(script, at)
            words.append(word)
    if words:
        yield from _settled(script, words)


def _is_list(word: Word, at: int) -> bool:
    return word.at + len(word.texts[0]) == at and bool(_ASSIGNED.fullmatch(word.texts[0]))


def _list(script: Script, name: Word, at: int) -> int:
    """`NAME=(a b c)`."""
    held: list[str] = []
    begun, text = at, script.text
    while at < len(text) and text[at] != ")":
        if text[at] == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif text[at] in " \t\n\r\\;&|(<>":
            at += 1
        else:
            word, at = _word(script, at)
            held += word.texts
    found = Held(tuple(held[:MOST]), begun)
    script.variables[name.texts[0].rstrip("+=")] = found
    return at + 1


def _redirected(script: Script, at: int) -> int:
    """Behind a redirection and the file that it names."""
    while at < len(script.text) and script.text[at] in "<>&| \t":
        at += 1
    if at < len(script.text) and script.text[at] not in "\n;()#":
        return _word(script, at)[1]
    return at


def _behind(script: Script, at: int, skipped: list[str], words: tuple[str, ...]) -> int:
    """Behind the documents that stand in a script, which are noted."""
    for name in skipped:
        end = re.compile(rf"^[ \t]*{re.escape(name)}[ \t]*$", re.MULTILINE).search(script.text, at)
        script.documents.append((words, at, len(script.text) if end is None else end.start()))
        at = len(script.text) if end is None else end.end()
    skipped.clear()
    return at


def _settled(script: Script, words: list[Word]) -> Iterator[list[Word]]:
    """Hold what a command assigns, and give what is left of it."""
    rest = list(words)
    while rest and (_assign(script, rest[0]) or (rest[0].texts and rest[0].texts[0] in _DECLARES)):
        declared = rest.pop(0)
        if declared.texts and declared.texts[0] in _DECLARES:
            while rest and rest[0].texts and (rest[0].texts[0].startswith("-") or _NAME.fullmatch(rest[0].texts[0])):
                if declared.texts[0] == "env":
                    break
                rest.pop(0)
    head = [word.texts[0] if word.texts else "" for word in rest[:3]]
    if len(rest) > 3 and head[0] == "for" and head[2] == "in":  # noqa: PLR2004 - for NAME in WORDS
        texts = tuple(text for word in rest[3:] for text in word.texts)
        script.variables[head[1]] = Held(
            texts[:MOST], rest[3].at, next((word.assumed for word in rest[3:] if word.assumed), "")
        )
    elif rest:
        yield rest


def _assign(script: Script, word: Word) -> bool:
    first = word.texts[0] if word.texts else script.text[word.at : word.at + 200]
    found = _ASSIGNED.match(first)
    if found is None or not script.text.startswith(found[0], word.at):
        return False
    texts = tuple(text[found.end() :] for text in word.texts)
    if texts:
        held = Held(texts, word.at + found.end(), word.assumed)
        script.variables[found[1]] = held
        script.assigned[found[1]] = held
    elif found[1] in script.variables:
        before = script.variables[found[1]]
        script.variables[found[1]] = Held(before.texts, before.at, before.assumed or f"what {found[1]} holds at first")
    return True


def _word(script: Script, at: int) -> tuple[Word, int]:
    begun, text = at, script.text
    pieces: list[Word] = []
    inner = 1 if text[at] in "'\"" else 0
    while at < len(text):
        char = text[at]
        if char == "'":
            end = text.find("'", at + 1)
            end = len(text) if end < 0 else end
            pieces.append(Word((text[at + 1 : end],)))
            at = end + 1
        elif char == '"':
            at = _quoted(script, at + 1, pieces)
        elif char == "\\":
            if not text.startswith("\n", at + 1):
                pieces.append(Word((text[at + 1 : at + 2],)))
            at += 2
        elif char in "$`":
            piece, at = _expanded(script, at)
            pieces.append(piece)
        elif found := _LITERAL.match(text, at):
            pieces.append(Word((found[0],)))
            at = found.end()
        else:
            break
    return _joined(pieces, begun, inner), max(at, begun + 1)


def _quoted(script: Script, at: int, pieces: list[Word]) -> int:
    """Read up to the closing quote, and give where to go on."""
    text, begun = script.text, at
    while at < len(text) and text[at] != '"':
        if text[at] == "\\":
            pieces.append(Word((text[begun:at],)))
            at, begun = at + 2, at + (2 if text[at + 1 : at + 2] == "\n" else 1)
        elif text[at] in "$`":
            pieces.append(Word((text[begun:at],)))
            piece, at = _expanded(script, at)
            pieces.append(piece)
            begun = at
        else:
            at += 1
    pieces.append(Word((text[begun:at],)))
    return at + 1


def _expanded(script: Script, at: int) -> tuple[Word, int]:
    text = script.text
    if text[at] == "`":
        end = text.find("`", at + 1)
        return Word((), why="it is what a command gives"), len(text) if end < 0 else end + 1
    if text.startswith("$(", at):
        return Word((), why="it is what a command gives"), _closed(text, at + 2)
    if braced := _BRACED.match(text, at + 1):
        return _variable(script, braced[1], braced[3]), braced.end()
    named = _GO.match(text, at + 1) or _PARAMETER.match(text, at + 1)
    return (_variable(script, named[1], None), named.end()) if named else (Word(("$",)), at + 1)


def _variable(script: Script, name: str, default: str | None) -> Word:
    script.asked.add(name)
    held = script.variables.get(name)
    own = () if default is None or "$" in default or "`" in default else (default.strip("'\""),)
    if held is not None and held.texts:
        also = own if held.written else ()  # what a script sets itself leaves no room for the default
        return Word((*held.texts, *also), variable=name, assumed=held.assumed, written=held.written)
    if own:
        return Word(own, assumed=f"the default of the variable {name}", variable=name)
    if held is not None:
        return Word((), why=held.why, variable=name)
    if not _NAME.fullmatch(name):
        return Word(
            (), why="an argument of the script" if not name.startswith(".") else f"the value {name} of the chart"
        )
    return Word((), why=f"the environment variable {name}", variable=name)


def _closed(text: str, at: int) -> int:
    """Behind the bracket that closes a substitution."""
    depth = 1
    while at < len(text) and depth:
        depth += (text[at] == "(") - (text[at] == ")")
        at += 1
    return at


def _joined(pieces: list[Word], at: int, inner: int) -> Word:
    if lacking := next((one for one in pieces if not one.texts), None):
        return Word((), at, lacking.why, lacking.variable, inner=inner)
    rows = islice(product(*(one.texts for one in pieces)), MOST)
    assumed = next((one.assumed for one in pieces if one.assumed), "")
    written = next((one.written for one in pieces if one.written), None)
    variable = next((one.variable for one in pieces if one.variable), "")
    texts = tuple("".join(row) for row in rows)
    return Word(texts, at, variable=variable, assumed=assumed, inner=inner, written=written)
