"""Ollama's Modelfile: what its FROM lines build on, and the words of its LICENSE blocks.

The other instructions hold prompts and numbers, which speak to the model and not of its terms. The format is that of
https://docs.ollama.com/modelfile: an instruction a line, whose value may stand in three quotes over several lines.
"""

from __future__ import annotations

from collections.abc import Iterator

from osaudit.compiled import regex
from osaudit.evidence import Relation, Statement
from osaudit.reading.page.places import Document, document
from osaudit.reading.page.subjects import Own, names_family, normal

MAX_FROM = 20
RULE = "modelfile-from"
_INSTRUCTION = regex(r"\s{0,20}(?P<name>[A-Za-z]{3,12})[ \t]+(?P<value>\S.{0,2000})?")
_QUOTES = '"""'
_HUB = regex(r"(?i)^(?:https?://)?(?:hf\.co|huggingface\.co)/")
_LOCAL = regex(r"(?i)^(?:[./~\\]|[a-z]:\\|.*\.(?:gguf|bin|safetensors)$|sha256[:-])")


def is_modelfile(path: str) -> bool:
    """Tell whether the name is that of a Modelfile: `Modelfile`, `Modelfile.q4`, `ollama/Modelfile`."""
    return path.rpartition("/")[2].lower().split(".")[0] == "modelfile"


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield each line with the instruction that it belongs to and its value, a block's lines one by one."""
    inside = ""
    for number, line in enumerate(text.split("\n")):
        if inside:
            yield number, inside, line
            inside = "" if _QUOTES in line else inside
            continue
        found = _INSTRUCTION.match(line)
        if found is None or line.lstrip().startswith("#"):
            continue
        name, value = found.group("name").upper(), found.group("value") or ""
        yield number, name, value
        inside = name if value.count(_QUOTES) == 1 else ""


def built_on(doc: Document, own: Own) -> Iterator[tuple[Statement, Relation]]:
    """List the models that FROM names, each once: repositories of the Hub, and names in the library."""
    found: dict[str, tuple[Statement, Relation]] = {}
    for number, instruction, value in _instructions(doc.text):
        told = value.strip().strip("\"'")
        if instruction != "FROM" or not told or _LOCAL.match(told) or len(found) >= MAX_FROM:
            continue
        name = _named(told)
        key = normal(name.rpartition("/")[2])
        if not key or key == own.name or key in found:
            continue
        start = doc.starts[number]
        place = doc.where(start, start + len(doc.text[start:].split("\n", 1)[0]))
        found[key] = (Statement("base", name, "weights", "high", place, rule=RULE), "unknown")
    yield from found.values()


def _named(told: str) -> str:
    """The model that a FROM names: an id of the Hub, else the library's name without its size or quantisation."""
    plain = told.split(maxsplit=1)[0]
    hub = _HUB.match(plain)
    if hub:
        return "/".join(plain[hub.end() :].split("/")[:2]).split(":")[0][:100]
    name = plain.split(":")[0][:100]
    last = name.rpartition("/")[2]
    return last if names_family(last) or "/" not in name else name


def licence_words(doc: Document) -> Document:
    """The document with the words of its LICENSE instructions alone, each on the line where it stands."""
    kept = {number: value for number, name, value in _instructions(doc.text) if name == "LICENSE"}
    count = doc.text.count("\n") + 1
    lines = [kept.get(number, "").replace(_QUOTES, " ").strip() for number in range(count)]
    return document(doc.ref, doc.commit, doc.path, "\n".join(lines), doc.sha256)
