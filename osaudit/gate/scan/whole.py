"""A tree scanned as a whole: its files read, their sights gathered, and held against those of a commit before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

import ahocorasick

from osaudit.errors import UsageError
from osaudit.gate.scan import gitread, plainfiles, syntaxes
from osaudit.gate.scan.adopted import Adopted, Found, Sight, Unread, Unresolved, adopted
from osaudit.gate.scan.forms import needles
from osaudit.gate.scan.jsonplaces import NotReadableError, read_json
from osaudit.gate.scan.keyed import Leaf, Mapping, Node, in_settings
from osaudit.gate.scan.listing import Limits, Listing, list_tree, read_bytes, sift, too_large
from osaudit.gate.scan.notebook import in_notebook
from osaudit.gate.scan.pytree import in_python
from osaudit.gate.scan.pyworld import World, decoded
from osaudit.gate.scan.shellcalls import Assigned
from osaudit.gate.scan.shellwords import Held
from osaudit.gate.scan.surroundings import asked_in, environment, path_of, with_setters

Read = Callable[[str, int], bytes | Unread]
DEFAULTS = Limits()
_ESCAPE = re.compile(r"\\[ux]00|\\x")
"""In a string, what may be a letter: a key that is spelt with it is searched for by parsing."""

_SETTINGS = frozenset({"json", "yaml", "toml", "ini"})

_LINES: dict[str, Callable[[plainfiles.Text], Iterator[Sight | Assigned]]] = {
    "shell": plainfiles.in_shell,
    "makefile": plainfiles.in_makefile,
    "procfile": plainfiles.in_procfile,
    "dotenv": plainfiles.in_dotenv,
    "dockerfile": plainfiles.in_dockerfile,
    "modelfile": plainfiles.in_modelfile,
    "list": plainfiles.in_list,
}


def scan(path: Path, *, changed_since: str | None = None, limits: Limits = DEFAULTS) -> Adopted:
    """Find the models that a folder's code, settings and commands adopt, or those of one file.

    With `changed_since`, a revision of the git repository that the folder is in, only what was not adopted, or not at
    that revision, where this branch left it. Nothing of the tree is run, and none of its settings are obeyed.

    Raises UsageError where the path or the revision is none, OsauditError where a folder or a commit cannot be listed.
    """
    whole = path.resolve() if _is_there(path) else None
    if whole is None:
        raise UsageError(f"{path.name[:100] or path} is not there: name a folder, or a file")
    root, only = (whole, None) if whole.is_dir() else (whole.parent, whole.name)
    listing = list_tree(root, limits) if only is None else _beside(root, only)
    sights = _look(listing, lambda name, limit: read_bytes(root, name, limit), limits, root, only)
    now = adopted(sights, len(listing.kinds) if only is None else 1)
    if changed_since is None:
        return now
    return _moved(now, _before(root, changed_since, limits, only))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _beside(root: Path, name: str) -> Listing:
    """One file, and those beside it that it may import."""
    near = sorted(one.name for one in root.iterdir() if one.is_file() and not one.is_symlink())[:2000]
    listing = sift(near, DEFAULTS)
    kinds = {path: kind for path, kind in listing.kinds.items() if path == name or kind == "python"}
    if name not in kinds:
        raise UsageError(
            f"{name[:100]} is no file that is read: Python, notebooks, settings, scripts and Dockerfiles are"
        )
    return Listing(kinds, listing.paths, ())


def _before(root: Path, revision: str, limits: Limits, only: str | None) -> Adopted:
    """What was adopted in the commit where this branch left a revision."""
    commit = gitread.base_of(root, revision)
    entries = {entry.path: entry for entry in gitread.files_of(root, commit)}
    listing = sift(sorted(entries), limits)
    with gitread.blobs(root) as held:

        def read(path: str, limit: int) -> bytes | Unread:
            entry = entries[path]
            if entry.size > limit:
                return too_large(path, entry.size, limit)
            data = held.read(entry.blob)
            return Unread(path, "git lacks its content") if data is None else data

        return adopted(_look(listing, read, limits, root, only), 0)


def _moved(now: Adopted, before: Adopted) -> Adopted:
    """What is adopted now and was not before: another model, or another revision of it."""
    known = {(one.kind, one.model, one.revision) for one in before.found}
    open_ = {(one.spot.path, one.how, one.why) for one in before.unresolved}
    unread = set(before.unread)
    return Adopted(
        tuple(one for one in now.found if (one.kind, one.model, one.revision) not in known),
        tuple(one for one in now.unresolved if (one.spot.path, one.how, one.why) not in open_),
        tuple(one for one in now.unread if one not in unread),
        now.files,
        now.left_out,
    )


def _look(listing: Listing, read: Read, limits: Limits, root: Path, only: str | None) -> list[Sight]:
    """Read the files of a listing, and gather what they adopt."""
    sights: list[Sight | Assigned] = list(listing.unread)
    texts: dict[str, str] = {}
    for path, kind in listing.kinds.items():
        data = read(path, limits.of(kind))
        text = data if isinstance(data, Unread) else _decoded(data, path, kind)
        if isinstance(text, str):
            texts[path] = text
        elif only in {None, path}:
            sights.append(text)
    python = {path: text for path, text in texts.items() if listing.kinds[path] == "python"}
    paths = frozenset(python) if only is None else frozenset(python) & {only}
    tree = _Tree(listing, texts, World(python, listing.paths, root), paths, only)
    return list(with_setters([*sights, *_followed(tree, _first_sights(tree))]))


@dataclass(frozen=True, slots=True)
class _Tree:
    """A tree that was read: its texts, and the files whose sights are asked for."""

    listing: Listing
    texts: dict[str, str]
    world: World
    python: frozenset[str]
    only: str | None

    def others(self, *, settings: bool) -> Iterator[tuple[str, str]]:
        """The files besides Python: those of settings, or those that are none."""
        for path, text in self.texts.items():
            kind = self.listing.kinds[path]
            if kind != "python" and (kind in _SETTINGS) is settings and self.only in {None, path}:
                yield path, text

    def sights(self, path: str, world: World) -> Iterable[Sight | Assigned]:
        """Give what one file besides Python adopts."""
        return _guarded(path, self.listing.kinds[path], self.texts[path], world, self.texts)


def _first_sights(tree: _Tree) -> list[Sight | Assigned]:
    """What every file adopts by itself, and what it sets. Of settings, those that may hold something are parsed."""
    sights = [*in_python(tree.world, tree.python)]
    for path, _ in tree.others(settings=False):
        sights += tree.sights(path, tree.world)
    waiting, asked = dict(tree.others(settings=True)), asked_in(sights) | tree.world.asked
    known: frozenset[str] = frozenset()
    while waiting and (not known or asked - known):  # settings may ask for what others set
        worth = _worth(asked)
        due = [path for path, text in waiting.items() if _ESCAPE.search(text) or next(worth.iter(text), None)]
        for path in due:
            sights += tree.sights(path, tree.world)
            del waiting[path]
        known = asked | {""}
        asked = asked_in(sights) | tree.world.asked
    return sights


def _followed(tree: _Tree, sights: list[Sight | Assigned]) -> Iterator[Sight | Assigned]:
    """Look again at what reads variables that other files set."""
    held = environment(sights, asked_in(sights) | tree.world.asked)
    again = {path_of(one) for one in sights if isinstance(one, Found | Unresolved) and one.variable in held}
    python = bool(tree.world.asked & set(held))
    if not again and not python:
        yield from sights
        return
    world = replace(tree.world, environment=held)
    others = {path for path in again if tree.listing.kinds.get(path) != "python"}
    for one in sights:
        kind = tree.listing.kinds.get(path_of(one))
        # what is set stays as it was seen at first
        if isinstance(one, Assigned) or not (path_of(one) in others or (python and kind == "python")):
            yield one
    if python:
        yield from _sights_of(in_python(world, tree.python))
    for path in sorted(others):
        yield from _sights_of(tree.sights(path, world))


def _sights_of(sights: Iterable[Sight | Assigned]) -> Iterator[Sight]:
    return (one for one in sights if not isinstance(one, Assigned))


def _worth(variables: AbstractSet[str]) -> ahocorasick.Automaton:
    """What tells that settings are worth parsing; `variables` are those of the environment that code reads."""
    automaton = ahocorasick.Automaton()
    for word in needles() | set(variables) - {""}:
        automaton.add_word(word, word)
    automaton.make_automaton()
    return automaton


def _decoded(data: bytes, path: str, kind: str) -> str | Unread:
    if b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Unread(path, "it is binary")
    if kind == "python":
        text = decoded(data)
        return Unread(path, "its encoding is not what it says, or not known") if text is None else text
    try:
        coding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        return data.decode(coding).replace("\r\n", "\n").replace("\0", "")
    except UnicodeError:
        return Unread(path, "it is not UTF-8")


def _guarded(path: str, kind: str, text: str, world: World, texts: dict[str, str]) -> Iterable[Sight | Assigned]:
    try:
        return list(_of_kind(path, kind, text, world, texts))
    except NotReadableError as error:
        return [Unread(path, str(error))]


def _of_kind(path: str, kind: str, text: str, world: World, texts: dict[str, str]) -> Iterator[Sight | Assigned]:
    match kind:
        case "notebook":
            yield from in_notebook(text, path, world)
        case "yaml":
            env = _chart(path, texts) if "{{" in text else {}
            for document in syntaxes.read_yaml(text, path):
                yield from in_settings(document, world, env)
        case "json":
            yield from in_settings(read_json(text, path), world)
        case "toml":
            yield from in_settings(syntaxes.read_toml(text, path), world)
        case "ini":
            yield from in_settings(syntaxes.read_ini(text, path), world)
        case _:
            yield from _LINES[kind](plainfiles.text_of(path, text, world.environment))


def _chart(path: str, texts: dict[str, str]) -> dict[str, Held]:
    """The values of a Helm chart for its templates, each by the name that templates give it."""
    home, found, _ = path.rpartition("/templates/")
    source = next((texts[name] for name in (f"{home}/values.yaml", f"{home}/values.yml") if name in texts), "")
    if not found or not source:
        return {}
    try:
        values = (pair for node in syntaxes.read_yaml(source, path) for pair in _values(node, ".Values"))
        return {name: Held((value,)) for name, value in values}
    except NotReadableError:
        return {}


def _values(node: Node, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, Leaf):
        yield name, node.text
    elif isinstance(node, Mapping):
        for key, below in node.pairs:
            yield from _values(below, f"{name}.{key}")
