"""Commands that take a model: `vllm serve`, `hf download`, a container's arguments, an address that is fetched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType

from osaudit.gate.scan.adopted import Found, Sight, Spot, Unresolved
from osaudit.gate.scan.forms import Command, Form, table
from osaudit.gate.scan.hubnames import ADDRESS, Named, address, is_pinned, reads_as_folder
from osaudit.gate.scan.shellwords import Held, Script, Word, commands

At = Callable[[int], Spot]
"""Turns an offset in a text into a place in the tree."""

_TOLD_ONLY = frozenset(
    {
        "echo",
        "printf",
        "grep",
        "egrep",
        "rg",
        "sed",
        "awk",
        "cat",
        "which",
        "man",
        "pip",
        "pip3",
        "brew",
        "apt",
        "apt-get",
        "#",
    }
)
_PYTHON = re.compile(r"(?:.*/)?python(?:\d(?:\.\d+)?)?(?:\.exe)?|\$\{?PYTHON\}?|py")
_SHELL = re.compile(r"(?:.*/)?(?:ba|da|z|k)?sh")
_VARIABLE = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)", re.DOTALL)
_DEEPEST = 3
NOTHING: Mapping[str, Held] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Offsets:
    """Places of words by their offset in one text."""

    of: At

    def __call__(self, at: int) -> Spot:
        """The place of an offset."""
        return self.of(at)

    def within(self, word: Word) -> Offsets:
        """Places in a word by the offset in it: exact behind a quote, else where the word begins."""
        if not word.inner:
            return Offsets(lambda _: self.of(word.at))
        return Offsets(lambda offset: self.of(word.at + word.inner + offset))


@dataclass(frozen=True, slots=True)
class Numbered:
    """Places of words by their number in a list, each of which stands somewhere of its own."""

    each: tuple[At, ...]

    def __call__(self, at: int) -> Spot:
        """The place where a word begins."""
        return self.each[min(at, len(self.each) - 1)](0)

    def within(self, word: Word) -> Offsets:
        """Places in a word by the offset in it."""
        return Offsets(self.each[min(word.at, len(self.each) - 1)])


Place = Offsets | Numbered


@dataclass(frozen=True, slots=True)
class Assigned:
    """An environment variable that a file sets: a model where some code takes its model from there.

    `told` where the file is known to adopt the model by the variable's name alone.
    """

    name: str
    value: str
    spot: Spot
    how: str
    told: bool = False


def in_script(text: str, place: Place, script: Script | None = None, depth: int = 0) -> Iterator[Sight | Assigned]:
    """Give what a script's commands adopt, and the variables that it sets."""
    held = script if script is not None else Script(text)
    for words in commands(held):
        yield from in_words(words, place, depth, held.variables)
    if depth < _DEEPEST:
        for reader, begun, end in held.documents:
            yield from _document(reader, held, (begun, end), Offsets(_moved(place, begun)), depth)
    yield from assigned(held, place)


def _moved(place: Place, by: int) -> At:
    return lambda offset: place(by + offset)


def _document(
    words: tuple[str, ...], script: Script, part: tuple[int, int], place: Offsets, depth: int
) -> Iterator[Sight | Assigned]:
    """A document within a script: a script, Python, or a file that is written."""
    text = script.text[slice(*part)]
    if any(_PYTHON.fullmatch(word) for word in words[:3]):
        yield from _python(text, place)
    elif any(_SHELL.fullmatch(word) for word in words[:3]) or words[:1] in (("ssh",), ("sudo",)):
        yield from in_script(text, place, Script(text, dict(script.variables)), depth + 1)
    else:
        for one in ADDRESS.finditer(text):
            named = address(one[0])
            if named is not None:
                how = "an address of the Hub"
                yield Found(named.repo, named.kind, named.revision, is_pinned(named.revision), place(one.start()), how)


def assigned(script: Script, place: Place) -> Iterator[Sight | Assigned]:
    """Give the variables that a script sets: what is started from it is handed them. Those it uses itself are told."""
    values = {name: held.texts[0] for name, held in script.assigned.items() if held.texts}
    for name, held in script.assigned.items():
        for text in held.texts if name in script.asked else ():
            yield Assigned(name, text, place(held.at), name, told=True)
        if name not in script.asked and held.texts:
            yield from variable(name, held.texts[0], place(held.at), values, assumed=held.assumed)


def variable(
    name: str, value: str, spot: Spot, values: dict[str, str], *, how: str = "", assumed: str = ""
) -> Iterator[Sight | Assigned]:
    """Give what a variable of the environment adopts, where a service reads it; `values` are those set beside it."""
    form = table().variables.get(name)
    named = form.named(value) if form is not None else None
    yield Assigned(name, value, spot, how or name, named is not None)
    if form is not None and named is not None:
        asked = next((values[one] for one in form.revision if values.get(one)), None)
        yield _found(named, form, asked, spot, how or f"{name} ({form.told})", assumed)


def in_words(
    words: Sequence[Word], place: Place, depth: int = 0, variables: Mapping[str, Held] = NOTHING
) -> Iterator[Sight | Assigned]:
    """Give what one command adopts; `variables` are what it is handed, as a shell within it would see them."""
    plain = [word.texts[0] if word.texts else "" for word in words]
    if not plain or plain[0] in _TOLD_ONLY:
        if plain[:1] in (["pip"], ["pip3"]):
            yield from _addresses(words, place, set())
        return
    used: set[int] = set()
    if depth < _DEEPEST:
        yield from _nested(words, plain, place, depth, used, variables)
    for command, at in _known(plain):
        rest = list(words[at:])
        seen = list(_arguments(command, rest, place, _numbered(words, used)))
        yield from seen
    image = next((one for one in enumerate(plain) if (one[1] and one[0] and _image(one[1]))), None)
    if image is not None and plain[0] in {"docker", "podman", "nerdctl", "singularity", "apptainer", "kubectl"}:
        started = [Word((one,)) for one in _image(image[1])]
        yield from in_words([*started, *words[image[0] + 1 :]], place, depth, variables)
        yield from _container(words[: image[0]], plain, place)
    yield from _addresses(words, place, used)


def _numbered(words: Sequence[Word], used: set[int]) -> Callable[[Word], None]:
    def note(word: Word) -> None:
        used.update(number for number, one in enumerate(words) if one is word)

    return note


def _image(word: str) -> tuple[str, ...]:
    """What a container runs by its image's name; nothing where that is not known."""
    name = word.partition("@")[0]
    return next((command for image, command in table().images.items() if image in name and "=" not in name), ())


def started_by(image: str) -> tuple[str, ...]:
    """The command that an image's arguments belong to; nothing where the image is not known."""
    return _image(image)


def _container(words: Sequence[Word], plain: list[str], place: Place) -> Iterator[Sight | Assigned]:
    """`docker run -e MODEL_ID=...`."""
    values = {found[1]: found[2] for one in plain if (found := _VARIABLE.fullmatch(one.removeprefix("--env=")))}
    for word, one in zip(words, plain, strict=False):
        if found := _VARIABLE.fullmatch(one.removeprefix("--env=")):
            yield from variable(found[1], found[2], place(word.at), values)


def _known(plain: list[str]) -> Iterator[tuple[Command, int]]:
    """The commands of the table that stand in these words, and where their arguments begin."""
    for command in table().commands:
        if command.words == ("*",):
            yield command, 1
            continue
        length = len(command.words)
        for at in range(min(len(plain) - length + 1, 40)):
            if _is_word(plain[at], command.words[0]) and plain[at + 1 : at + length] == list(command.words[1:]):
                yield command, at + length
                break


def _is_word(word: str, wanted: str) -> bool:
    if wanted == "python":
        return bool(_PYTHON.fullmatch(word))
    return word.rpartition("/")[2] == wanted


def _arguments(command: Command, words: list[Word], place: Place, note: Callable[[Word], None]) -> Iterator[Sight]:
    form = command.form
    kinds = _option(words, (form.kind_from,)) if form.kind_from else None
    kind = kinds.texts[0] if kinds is not None and kinds.texts else form.kind
    if kind == "space":
        return
    revision = _option(words, form.revision)
    for word in _models(form, words):
        note(word)
        yield from _adopts(form, word, revision, place, dataset=kind == "dataset")
    for name in form.also:
        other = _option(words, (name,))
        if other is not None:
            note(other)
            yield from _adopts(form, other, None, place, dataset=False)


def _models(form: Form, words: list[Word]) -> Iterator[Word]:
    options = [one for one in form.model if isinstance(one, str)]
    found = [word for one in options if (word := _option(words, (one,))) is not None]
    yield from found
    place = next((one for one in form.model if isinstance(one, int)), None)
    if place is None or found:
        return
    positions = _positions(words)
    if form.takes == "pages":
        positions = [word for word in words if any(ADDRESS.match(text) for text in word.texts)][:1]
    elif len(positions) <= place:
        positions = [word for word in words if any(form.named(text) for text in word.texts)][:1]
        place = 0
    yield from positions[place : place + 1]


def _option(words: list[Word], names: tuple[str, ...]) -> Word | None:
    """The value of an option: the word behind it, or what stands behind its `=`."""
    for number, word in enumerate(words):
        text = word.texts[0] if word.texts else ""
        head, equals, value = text.partition("=")
        if equals and head in names:
            return replace(word, texts=(value,))
        if text in names and number + 1 < len(words):
            return words[number + 1]
    return None


def _positions(words: list[Word]) -> list[Word]:
    """The arguments that belong to no option, where each option is taken to have one value."""
    held = []
    before = ""
    for word in words:
        text = word.texts[0] if word.texts else ""
        if not text.startswith("-") and (not before.startswith("-") or "=" in before):
            held.append(word)
        before = text
    return held


def _adopts(form: Form, word: Word, revision: Word | None, place: Place, *, dataset: bool) -> Iterator[Sight]:
    how = form.told if form.told != "*" else "an option of a command"
    spot = place(word.at)
    if not word.texts:
        if form.takes != "pages":
            yield Unresolved(spot, how, word.why, word.variable)
        return
    for number, text in enumerate(word.texts):
        if form.takes == "arguments":
            yield from _of_arguments(text, spot, how, word)
            continue
        named = form.named(text)
        if named is None and reads_as_folder(text) and form.takes != "pages":
            yield Unresolved(spot, how, f"{text[:60]!r} reads like a folder: a model of one's own, or of nobody")
        if named is None:
            continue
        named = Named(named.repo, "dataset" if dataset else named.kind, named.revision)
        if revision is not None and not revision.texts:
            yield Unresolved(spot, how, f"the revision of {named.repo}: {revision.why}", revision.variable)
        asked = revision.texts[0] if revision is not None and revision.texts else None
        if number and word.written is not None:  # behind what another file sets stands the default
            yield _found(named, form, asked, spot, how, f"the default of the variable {word.variable}")
            continue
        seen = _found(named, form, asked, spot, how, word.assumed)
        yield replace(seen, written=word.written, variable=word.variable)


def _of_arguments(text: str, spot: Spot, how: str, word: Word) -> Iterator[Sight]:
    """`pretrained=org/name,revision=main`, as lm-evaluation-harness takes it."""
    held = dict(part.partition("=")[::2] for part in text.split(","))
    named = Form(takes="slash").named(held.get("pretrained", ""))
    if named is not None:
        yield _found(named, Form(), held.get("revision"), spot, how, word.assumed)


def _found(named: Named, form: Form, revision: str | None, spot: Spot, how: str, assumed: str) -> Found:
    kind = form.kind if named.kind == "model" else named.kind
    asked = named.revision or revision or None
    return Found(named.repo, kind, asked, is_pinned(asked), spot, how, assumed)


def _addresses(words: Sequence[Word], place: Place, used: set[int]) -> Iterator[Sight]:
    """Addresses of files on the Hub, `hf://` and `hf.co/...` in any command."""
    for number, word in enumerate(words):
        if number in used:
            continue
        for text in word.texts:
            for one in ADDRESS.finditer(text) if len(text) < 4000 else ():  # noqa: PLR2004 - no word is that long
                named = address(one[0])
                if named is not None:
                    how = "an address of the Hub"
                    yield Found(
                        named.repo,
                        named.kind,
                        named.revision,
                        is_pinned(named.revision),
                        place(word.at),
                        how,
                        word.assumed,
                    )


def _nested(
    words: Sequence[Word],
    plain: list[str],
    place: Place,
    depth: int,
    used: set[int],
    variables: Mapping[str, Held],
) -> Iterator[Sight | Assigned]:
    """`sh -c "..."` and `python -c "..."`."""
    for number, (one, flag) in enumerate(pairwise(plain)):
        if not flag.startswith("-") or not flag.endswith("c") or flag.startswith("--") or number + 2 >= len(words):
            continue
        code = words[number + 2]
        shifted = place.within(code)
        if _SHELL.fullmatch(one) and code.texts:
            used.add(number + 2)
            yield from in_script(code.texts[0], shifted, Script(code.texts[0], dict(variables)), depth + 1)
        elif _PYTHON.fullmatch(one) and code.texts and flag == "-c":
            used.add(number + 2)
            yield from _python(code.texts[0], shifted)


def _python(code: str, place: Place) -> Iterator[Sight | Assigned]:
    from osaudit.gate.scan.pytree import in_snippet  # noqa: PLC0415 - the two know each other

    yield from in_snippet(code, place)
