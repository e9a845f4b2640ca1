"""A tree scanned as a whole: its files read, their sights gathered, and held against those of a commit before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import ahocorasick

from osaudit.errors import UsageError
from osaudit.gate.scan import gitread, plainfiles, syntaxes
from osaudit.gate.scan.adopted import Adopted, Found, Sight, Unread, Unresolved, adopted
from osaudit.gate.scan.forms import needles
from osaudit.gate.scan.hubnames import is_pinned, repository
from osaudit.gate.scan.jsonplaces import NotReadableError, read_json
from osaudit.gate.scan.keyed import Leaf, Mapping, Node, in_settings
from osaudit.gate.scan.listing import Limits, Listing, list_tree, read_bytes, sift, too_large
from osaudit.gate.scan.notebook import in_notebook
from osaudit.gate.scan.pytree import in_python
from osaudit.gate.scan.pyworld import World, decoded
from osaudit.gate.scan.shellcalls import Assigned

Read = Callable[[str, int], bytes | Unread]
DEFAULTS = Limits()
_ESCAPE = re.compile(r"\\[ux]00|\\x")
"""In a string, what may be a letter: a key that is spelt with it is searched for by parsing."""

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
    world = World(python, listing.paths, root)
    sights += in_python(world, frozenset(python) if only is None else frozenset(python) & {only})
    worth = _worth({one.variable for one in sights if isinstance(one, Unresolved)})
    for path, text in texts.items():
        kind = listing.kinds[path]
        settings = kind in {"json", "yaml", "toml", "ini"}
        if settings and not _ESCAPE.search(text) and next(worth.iter(text), None) is None:
            continue
        if kind != "python" and only in {None, path}:
            sights += _guarded(path, listing.kinds[path], text, world, texts)
    return _linked(sights)


def _worth(variables: set[str]) -> ahocorasick.Automaton:
    """What tells that settings are worth parsing; `variables` are those of the environment that code reads."""
    automaton = ahocorasick.Automaton()
    for word in needles() | variables - {""}:
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
            yield from _LINES[kind](plainfiles.text_of(path, text))


def _chart(path: str, texts: dict[str, str]) -> dict[str, str]:
    """The values of a Helm chart for its templates, each by the name that templates give it."""
    home, found, _ = path.rpartition("/templates/")
    source = next((texts[name] for name in (f"{home}/values.yaml", f"{home}/values.yml") if name in texts), "")
    if not found or not source:
        return {}
    try:
        return {name: value for node in syntaxes.read_yaml(source, path) for name, value in _values(node, ".Values")}
    except NotReadableError:
        return {}


def _values(node: Node, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, Leaf):
        yield name, node.text
    elif isinstance(node, Mapping):
        for key, below in node.pairs:
            yield from _values(below, f"{name}.{key}")


def _linked(sights: list[Sight | Assigned]) -> list[Sight]:
    """Fill in what code takes from the environment, where a file of the tree sets the variable."""
    wanted = {one.variable: one.how for one in sights if isinstance(one, Unresolved) and one.variable}
    found: list[Sight] = []
    filled: set[str] = set()
    for one in sights:
        if isinstance(one, Assigned) and one.name in wanted and (named := repository(one.value, bare=False)):
            filled.add(one.name)
            how = f"{one.name}, which {wanted[one.name]} reads"
            found.append(Found(named.repo, named.kind, named.revision, is_pinned(named.revision), one.spot, how))
    left = (one for one in sights if not isinstance(one, Assigned))
    return [*(one for one in left if not (isinstance(one, Unresolved) and one.variable in filled)), *found]
