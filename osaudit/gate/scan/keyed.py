"""Settings of any syntax: what their keys, environments, commands and addresses adopt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from osaudit.gate.scan.adopted import Found, Sight, Spot
from osaudit.gate.scan.forms import Key, table
from osaudit.gate.scan.hubnames import ADDRESS, address, is_pinned
from osaudit.gate.scan.pyworld import World
from osaudit.gate.scan.shellcalls import Assigned, Numbered, Offsets, in_script, in_words, started_by, variable
from osaudit.gate.scan.shellwords import Held, Script, Word

_SCRIPTS = frozenset(
    {"run", "script", "before_script", "after_script", "shell", "cmd", "cmds", "commands", "inline", "bash", "setup"}
    | {"post_create_command", "post_start_command", "on_create_command", "initialize_command", "user_data"}
)
_NOTHING = frozenset({"", "null", "~", "none"})
_COMMANDS = ("command", "entrypoint", "args", "arguments")
_ENVIRONMENTS = frozenset(
    {
        "env",
        "environment",
        "envs",
        "variables",
        "env_vars",
        "extra_env",
        "extra_env_vars",
        "build_args",
        "config_map",
        "data",
        "string_data",
    }
)
_EXPANDED = re.compile(r"\$\(([A-Za-z_]\w*)\)|\$\{([A-Za-z_.][\w.]*)\}|\$([A-Za-z_]\w*)")
_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value with its place; `rows` are the file's lines where it stands on several, `block` where each is one."""

    text: str
    line: int
    column: int
    path: str
    is_text: bool = True
    block: bool = False
    rows: tuple[str, ...] = ()

    def place(self, offset: int = 0, needle: str = "") -> Spot:
        """The place of an offset in the text; in a folded text that of the words themselves."""
        before = self.text[:offset]
        if self.block:
            row = before.count("\n") + 1
            word = needle or _word(self.text, offset)
            found = self.rows[row].find(word) if row < len(self.rows) and word else -1
            return Spot(self.path, self.line + row, found + 1 if found >= 0 else 1)
        word = needle or _word(self.text, offset)
        for number, row_text in enumerate(self.rows if len(self.rows) > 1 and word else ()):
            if word in row_text:
                return Spot(self.path, self.line + number, row_text.index(word) + 1)
        return Spot(self.path, self.line, self.column + (offset if not self.rows else 0))


def _word(text: str, offset: int) -> str:
    found = re.compile(r"[^\s'\"]+").match(text, offset) or re.compile(r"[^\s'\"]+").match(text, offset + 1)
    return found[0] if found else ""


@dataclass(slots=True)
class Mapping:
    """Keys and what stands under them, in the file's order."""

    pairs: list[tuple[str, Node]] = field(default_factory=list)

    def get(self, *names: str) -> Node | None:
        """What stands under the first of these keys, by their snake_case form."""
        return next((node for key, node in self.pairs if snake(key) in names), None)


@dataclass(slots=True)
class Sequence:
    """Values in a row."""

    items: list[Node] = field(default_factory=list)


Node = Leaf | Mapping | Sequence
Env = dict[str, Held]


def snake(key: str) -> str:
    """A key in its snake_case form: `modelURL`, `model-url` and `MODEL_URL` are `model_url`."""
    return _SNAKE.sub("_", key).replace("-", "_").replace(" ", "_").lower()


def in_settings(root: Node, world: World, outer: Env | None = None) -> Iterator[Sight | Assigned]:
    """Give what a file of settings adopts. A stack of its own walks it."""
    if _is_ours(root):
        return
    used: set[int] = set()
    stack: list[tuple[Node, str, Env]] = [(root, "", {**world.environment, **(outer or {})})]
    while stack:
        node, under, env = stack.pop()
        match node:
            case Leaf() if id(node) not in used:
                yield from _leaf(node)
            case Sequence():
                stack.extend((one, under, env) for one in reversed(node.items))
            case Leaf():
                pass
            case Mapping():
                own = {**env, **_environment(node)}
                yield from _mapping(node, under, own, world, used)
                stack.extend((one, snake(key), own) for key, one in reversed(node.pairs) if id(one) not in used)


def _is_ours(root: Node) -> bool:
    """Whether a file is a report or evidence of osaudit's: it tells of models, and adopts none."""
    tool = root.get("tool") if isinstance(root, Mapping) else None
    name = tool.get("name") if isinstance(tool, Mapping) else None
    ours = isinstance(name, Leaf) and name.text == "osaudit"
    return ours or (
        isinstance(root, Mapping) and root.get("whole_texts") is not None and root.get("schema") is not None
    )


def _leaf(node: Leaf) -> Iterator[Sight | Assigned]:
    if node.is_text and ADDRESS.fullmatch(node.text.strip()):
        named = address(node.text)
        if named is not None:
            yield Found(
                named.repo, named.kind, named.revision, is_pinned(named.revision), node.place(), "an address of the Hub"
            )


def _mapping(node: Mapping, under: str, env: Env, world: World, used: set[int]) -> Iterator[Sight | Assigned]:
    for key in table().keys:
        yield from _keyed(key, node, under, world, used)
    values = {name: leaf.text for name, leaf in _pairs(node)}
    for name, leaf in _pairs(node):
        if name in table().variables and id(leaf) not in used:
            used.add(id(leaf))
            yield from _variable(name, leaf, values)
    for name, held in node.pairs:
        if snake(name) in _ENVIRONMENTS:
            yield from _variables(held, used)
    yield from _commands(node, env, used)


# keys


def _keyed(key: Key, node: Mapping, under: str, world: World, used: set[int]) -> Iterator[Sight]:
    if (key.under and under not in key.under) or not _stands_beside(key, node):
        return
    for name, held in node.pairs:
        if snake(name) not in key.keys:
            continue
        for leaf in [held] if isinstance(held, Leaf) else held.items if isinstance(held, Sequence) else []:
            named = (
                key.form.named(leaf.text) if isinstance(leaf, Leaf) and leaf.is_text and id(leaf) not in used else None
            )
            if named is None or not isinstance(leaf, Leaf) or world.is_local(leaf.text, leaf.path):
                continue
            used.add(id(leaf))
            asked = node.get(*key.form.revision)
            revision = asked.text if isinstance(asked, Leaf) and asked.text.lower() not in _NOTHING else None
            revision = named.revision or revision
            kind = key.form.kind if named.kind == "model" else named.kind
            yield Found(named.repo, kind, revision, is_pinned(revision), leaf.place(), f"{name} ({key.form.told})")


def _stands_beside(key: Key, node: Mapping) -> bool:
    if not key.beside:
        return True
    for name, held in node.pairs:
        plain = name if name.startswith("@") else snake(name)
        if plain in key.beside:
            wanted = key.beside[plain]
            words = held.text.lower() if isinstance(held, Leaf) else "..."
            if words in {one.lower() for one in wanted} or (not wanted and words not in _NOTHING):
                return True
    return False


# the environment


def _pairs(node: Mapping) -> Iterator[tuple[str, Leaf]]:
    yield from ((name, held) for name, held in node.pairs if isinstance(held, Leaf))


def _environment(node: Mapping) -> Env:
    """The variables that are set beside a command, by any way of writing them."""
    held: Env = {}
    for name, below in node.pairs:
        if snake(name) in _ENVIRONMENTS:
            held |= {key: Held((leaf.text,)) for key, leaf in _entries(below)}
    return held


def _entries(node: Node) -> Iterator[tuple[str, Leaf]]:
    match node:
        case Mapping():
            yield from _pairs(node)
        case Sequence():
            for one in node.items:
                match one:
                    case Leaf() if "=" in one.text:
                        name, _, value = one.text.partition("=")
                        yield name.strip(), replace(one, text=value, column=one.column + len(name) + 1)
                    case Mapping():
                        name_leaf, value_leaf = one.get("name"), one.get("value")
                        if isinstance(name_leaf, Leaf) and isinstance(value_leaf, Leaf):
                            yield name_leaf.text, value_leaf
                    case _:
                        pass
        case _:
            pass


def _variables(node: Node, used: set[int]) -> Iterator[Sight | Assigned]:
    entries = list(_entries(node))
    values = {name: leaf.text for name, leaf in entries}
    for name, leaf in entries:
        if re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            yield from _variable(name, leaf, values)
            used.add(id(leaf))


def _variable(name: str, leaf: Leaf, values: dict[str, str]) -> Iterator[Sight | Assigned]:
    text, default = _default(leaf.text)
    yield from variable(
        name, text, leaf.place(), values, assumed=f"the default of the variable {default}" if default else ""
    )


def _default(text: str) -> tuple[str, str]:
    """Compose's `${NAME:-default}`."""
    found = re.fullmatch(r"\$\{(\w+):?-([^{}$]*)\}", text.strip())
    return (found[2], found[1]) if found else (text, "")


# commands


def _commands(node: Mapping, env: Env, used: set[int]) -> Iterator[Sight | Assigned]:
    image = node.get("image", "repository")
    if isinstance(image, Mapping):
        image = image.get("repository", "name")
    words: list[tuple[str, Leaf]] = []
    for name in _COMMANDS:
        held = node.get(name)
        if isinstance(held, Sequence) and all(isinstance(one, Leaf) for one in held.items):
            words += [(one.text, one) for one in held.items if isinstance(one, Leaf)]
            used.add(id(held))
        elif isinstance(held, Leaf) and held.is_text:
            used.add(id(held))
            yield from _text(held, image, env)
    if words:
        yield from _words(words, image, env)
    for name, held in node.pairs:
        yield from _scripts(snake(name), held, env, used)


def _scripts(name: str, held: Node, env: Env, used: set[int]) -> Iterator[Sight | Assigned]:
    """Scripts of workflows and of npm, one by one or in a list."""
    leaves: list[Node] = []
    if name in _SCRIPTS or name.endswith(".sh"):
        leaves = held.items if isinstance(held, Sequence) else [held]
    elif name == "scripts" and isinstance(held, Mapping):
        leaves = [leaf for _, leaf in held.pairs]
    for leaf in leaves:
        if isinstance(leaf, Leaf) and leaf.is_text:
            used.add(id(leaf))
            yield from _in_script(leaf, env)


def _script(text: str, env: Env) -> Script:
    return Script(_EXPANDED_KUBERNETES.sub(r"${\1}", text), dict(env))


_EXPANDED_KUBERNETES = re.compile(r"\$\(([A-Za-z_]\w*)\)")


def _text(leaf: Leaf, image: Node | None, env: Env) -> Iterator[Sight | Assigned]:
    """A command in one string: that of a shell, or arguments for what the image starts."""
    started = started_by(image.text) if isinstance(image, Leaf) else ()
    text = leaf.text
    if started and text.lstrip().startswith("-"):
        before = " ".join(started) + " "
        script = _script(before + text.replace("\n", " "), env)
        yield from in_script(script.text, _behind(leaf, len(before)), script)
        return
    yield from _in_script(leaf, env)


def _in_script(leaf: Leaf, env: Env) -> Iterator[Sight | Assigned]:
    script = _script(leaf.text, env)
    yield from in_script(script.text, Offsets(leaf.place), script)


def _behind(leaf: Leaf, length: int) -> Offsets:
    return Offsets(lambda offset: leaf.place(max(0, offset - length)))


def _words(words: list[tuple[str, Leaf]], image: Node | None, env: Env) -> Iterator[Sight | Assigned]:
    started = started_by(image.text) if isinstance(image, Leaf) else ()
    head = list(started) if started and words[0][0].startswith("-") and "-c" not in words[0][0] else []
    if started and not head and len(words) == 1 and not words[0][0].count(" "):
        head = list(started)
    leaves = [words[0][1]] * len(head) + [leaf for _, leaf in words]
    held = [Word((one,), number) for number, one in enumerate(head)]
    for number, (text, _) in enumerate(words, len(head)):
        held.append(_expanded(text, number, env))
    yield from in_words(held, Numbered(tuple(leaf.place for leaf in leaves)), variables=env)


def _expanded(text: str, number: int, env: Env) -> Word:
    """A word of a list, with the container's own variables put in: `$(NAME)` in Kubernetes, `${NAME}` in compose."""
    names = [found[1] or found[2] or found[3] for found in _EXPANDED.finditer(text)]
    lacking = [name for name in names if name not in env or not env[name].texts]
    plain, default = _default(text)
    if default:
        held = env.get(default, Held(()))
        assumed = held.assumed or f"the default of the variable {default}"
        return Word((*held.texts, plain), number, variable=default, assumed=assumed, written=held.written)
    if lacking and not re.search(r"\s", text):
        why = env[lacking[0]].why if lacking[0] in env else f"the environment variable {lacking[0]}"
        return Word((), number, why, lacking[0])
    known = [env[name] for name in names if name not in lacking]
    written = next((one.written for one in known if one.written), None)
    assumed = next((one.assumed for one in known if one.assumed), "")

    def put(found: re.Match[str]) -> str:
        name = found[1] or found[2] or found[3]
        return found[0] if name in lacking else env[name].texts[0]

    return Word((_EXPANDED.sub(put, text),), number, assumed=assumed, written=written)
