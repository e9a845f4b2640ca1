"""Files read line by line: shell scripts, Makefiles, `.env`, Dockerfiles, Modelfiles, lists of requirements."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from osaudit.gate.scan.adopted import Found, Sight, Spot
from osaudit.gate.scan.hubnames import ADDRESS, address, is_pinned
from osaudit.gate.scan.shellcalls import (
    NOTHING,
    Assigned,
    Numbered,
    Offsets,
    assigned,
    in_script,
    in_words,
    started_by,
    variable,
)
from osaudit.gate.scan.shellwords import Held, Script, Word

_MADE = re.compile(r"\$\(([A-Za-z_][\w.-]*)\)")
_MAKE_SETS = re.compile(r"^(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*(?:\?|::?|\+|:::)?=[ \t]*([^\n#]*)", re.MULTILINE)
_RECIPE = re.compile(r"^\t[ \t]*[@+-]*", re.MULTILINE)
_DOTENV = re.compile(
    r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.]*)[ \t]*=[ \t]*(\"[^\"\n]*\"|'[^'\n]*'|[^\n#]*?)(?:[ \t]+#[^\n]*)?[ \t]*$",
    re.MULTILINE,
)
_INSTRUCTION = re.compile(r"[ \t]*([A-Za-z]+)[ \t]+")
_MODELFILE = re.compile(r"^[ \t]*(?:FROM|ADAPTER)[ \t]+(\S+)", re.MULTILINE | re.IGNORECASE)
_HEREDOC = re.compile(r"<<-?[ \t]*(['\"]?)([A-Za-z_]\w*)\1")
_PAIR = re.compile(r"([A-Za-z_]\w*)=(\"(?:[^\"\\]|\\.)*\"|'[^']*'|(?:[^\s\\]|\\.)*)")
_REFERENCE = re.compile(r"\$\{?(\w+)(?::?-[^}]*)?\}?")
_PROCESS = re.compile(r"^[\w-]+:[ \t]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text with the offsets where its lines begin, and what other files set in the environment."""

    path: str
    text: str
    starts: tuple[int, ...]
    environment: Mapping[str, Held]

    def at(self, offset: int) -> Spot:
        """The place of an offset."""
        line = bisect_right(self.starts, offset)
        return Spot(self.path, line, offset - self.starts[line - 1] + 1)

    def from_(self, begun: int) -> Offsets:
        """Places of a part that begins there."""
        return Offsets(lambda offset: self.at(begun + offset))


def text_of(path: str, text: str, environment: Mapping[str, Held] = NOTHING) -> Text:
    """Find where the lines of a text begin."""
    return Text(path, text, (0, *(found.end() for found in re.finditer("\n", text))), environment)


def in_shell(file: Text) -> Iterator[Sight | Assigned]:
    """Give what a shell script adopts."""
    yield from in_script(file.text, Offsets(file.at), Script(file.text, dict(file.environment)))


def in_makefile(file: Text) -> Iterator[Sight | Assigned]:
    """Give what the recipes of a Makefile adopt, with the variables that it sets itself."""
    text = _RECIPE.sub(lambda found: " " * len(found[0]), _MADE.sub(r"${\1}", file.text))
    held = {
        found[1]: Held((found[2].strip(),), found.start(2)) for found in _MAKE_SETS.finditer(text) if found[2].strip()
    }
    recipes = _MAKE_SETS.sub(lambda found: " " * len(found[0]), text)
    yield from in_script(recipes, Offsets(file.at), Script(recipes, {**file.environment, **held}))


def in_procfile(file: Text) -> Iterator[Sight | Assigned]:
    """Give what a Procfile starts: `web: vllm serve ...`."""
    text = _PROCESS.sub(lambda found: " " * len(found[0]), file.text)
    yield from in_script(text, Offsets(file.at), Script(text, dict(file.environment)))


def in_dotenv(file: Text) -> Iterator[Sight | Assigned]:
    """Give the variables of a `.env` file."""
    rows = [(found[1], found[2].strip("'\""), found.start(2)) for found in _DOTENV.finditer(file.text)]
    values = {name: value for name, value, _ in rows}
    for name, value, at in rows:
        if value:
            yield from variable(name, value, file.at(at), values)


def in_modelfile(file: Text) -> Iterator[Sight]:
    """Give what Ollama's Modelfile is made from."""
    for found in _MODELFILE.finditer(file.text):
        named = address(found[1], pages=True)
        if named is not None:
            yield Found(
                named.repo,
                named.kind,
                named.revision,
                is_pinned(named.revision),
                file.at(found.start(1)),
                "Modelfile FROM",
            )


def in_list(file: Text) -> Iterator[Sight]:
    """Give the addresses of the Hub in a list of requirements: models that are packages."""
    for found in ADDRESS.finditer(file.text):
        line = file.text[file.text.rfind("\n", 0, found.start()) + 1 : found.start()]
        named = address(found[0]) if not line.lstrip().startswith("#") else None
        if named is not None:
            yield Found(
                named.repo,
                named.kind,
                named.revision,
                is_pinned(named.revision),
                file.at(found.start()),
                "an address of the Hub",
            )


# Dockerfiles, as https://docs.docker.com/reference/dockerfile/ has them


@dataclass(frozen=True, slots=True)
class _Instruction:
    word: str
    text: str
    at: int


@dataclass(slots=True)
class _Stage:
    """What holds at a place in a Dockerfile: the image, what it starts, and what its variables hold."""

    image: tuple[str, ...]
    entry: list[Word]
    places: list[Offsets]
    held: dict[str, Held]


def in_dockerfile(file: Text) -> Iterator[Sight | Assigned]:
    """Give what the instructions of a Dockerfile adopt."""
    stage = _Stage((), [], [], dict(file.environment))
    asked: set[str] = set()
    environment = Script("", assigned={})
    for one in _instructions(file.text):
        place = file.from_(one.at)
        match one.word:
            case "FROM":
                stage = _Stage(started_by(one.text.strip().split(" ")[0]), [], [], dict(stage.held))
            case "ENV":
                for name, value, at in _pairs(one.text):
                    assumed = next(
                        (stage.held[ref].assumed for ref in _REFERENCE.findall(value) if ref in stage.held), ""
                    )
                    stage.held[name] = Held((_filled(value, stage.held),), one.at + at, assumed)
                    environment.assigned[name] = stage.held[name]
            case "ARG":
                for name, value, at in _pairs(one.text):
                    stage.held[name] = Held((value,), one.at + at, f"the default of the build argument {name}")
                    environment.assigned.setdefault(name, stage.held[name])
            case "RUN" | "CMD" | "ENTRYPOINT":
                yield from _started(one, place, stage, asked)
            case _:
                pass
    environment.asked = asked
    yield from assigned(environment, Offsets(file.at))


def _started(one: _Instruction, place: Offsets, stage: _Stage, asked: set[str]) -> Iterator[Sight | Assigned]:
    words = _listed(one.text)
    if words is None:
        script = Script(_heredoc_body(one.text), dict(stage.held), asked)
        yield from (seen for seen in in_script(script.text, place, script) if not isinstance(seen, Assigned))
        return
    each = [place.within(Word((), at, inner=1)) for at, _ in words]
    held = [Word((text,), 0) for _, text in words]
    if one.word == "ENTRYPOINT":
        stage.entry, stage.places = held, each
    elif one.word == "CMD":
        head = stage.entry or [Word((text,)) for text in stage.image if words and words[0][1].startswith("-")]
        held, each = [*head, *held], [*(stage.places or each[:1] * len(head)), *each]
    numbered = [Word(word.texts, number) for number, word in enumerate(held)]
    if numbered:
        yield from in_words(numbered, Numbered(tuple(one.of for one in each)), variables=stage.held)


def _instructions(text: str) -> Iterator[_Instruction]:
    """Instructions with the lines that continue them; comments among these are blanked out."""
    at = 0
    while at < len(text):
        end = _line_end(text, at)
        first = _INSTRUCTION.match(text, at)
        if first is None or text[at:end].lstrip().startswith("#"):
            at = end + 1
            continue
        begun, lines = first.end(), [text[first.end() : end]]
        while (
            lines[-1].rstrip().endswith("\\")
            or (len(lines) > 1 and lines[-1].lstrip().startswith("#"))
            or not lines[-1].strip()
        ):
            if end >= len(text) or len(lines) > 2000:  # noqa: PLR2004 - no instruction is that long
                break
            start, end = end + 1, _line_end(text, end + 1)
            lines.append(text[start:end])
        body = "\n".join(
            " " * len(line) if number and line.lstrip().startswith("#") else line for number, line in enumerate(lines)
        )
        if heredoc := _HEREDOC.search(body):
            close = re.compile(rf"^[ \t]*{heredoc[2]}[ \t]*$", re.MULTILINE).search(text, end)
            stop = len(text) if close is None else close.end()
            body, end = body + text[end:stop], stop
        yield _Instruction(first[1].upper(), body, begun)
        at = end + 1


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _heredoc_body(text: str) -> str:
    """`RUN <<EOF`: the document is the script; what stands before it is blanked out, so that offsets stay."""
    found = _HEREDOC.match(text.lstrip())
    if found is None:
        return text
    end = _line_end(text, 0)
    closing = text.rfind("\n")
    return " " * end + (text[end:closing] if closing > end else text[end:])


def _listed(text: str) -> list[tuple[int, str]] | None:
    """The words of an instruction's JSON form, with their offsets; None where it is a shell's."""
    plain = text.strip()
    if not plain.startswith("["):
        return None
    try:
        words = json.loads(plain.replace("\\\n", "  "))
    except (ValueError, RecursionError):
        return None
    held, at = [], text.index("[")
    for word in words if isinstance(words, list) else []:
        quoted = json.dumps(word, ensure_ascii=False)
        found = text.find(quoted, at)
        at = found if found >= 0 else at
        held.append((at, str(word)))
        at += len(quoted) if found >= 0 else 0
    return held


def _pairs(text: str) -> Iterator[tuple[str, str, int]]:
    """`NAME=value ...`, or the old `NAME value`."""
    plain = text.strip()
    if not re.match(r"[A-Za-z_]\w*=", plain):
        name, _, value = plain.partition(" ")
        if value:
            yield name, value.strip(), text.index(value)
        return
    for found in _PAIR.finditer(text):
        value = found[2]
        yield found[1], value[1:-1] if value[:1] in {"'", '"'} else value, found.start(2)


def _filled(value: str, held: dict[str, Held]) -> str:
    return _REFERENCE.sub(lambda found: _first(held.get(found[1])) or found[0], value)


def _first(held: Held | None) -> str:
    return held.texts[0] if held is not None and held.texts else ""
