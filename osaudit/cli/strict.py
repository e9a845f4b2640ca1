"""Settings held to what there is: an unknown table or key, or a value that its option does not take, is an error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

import click

from osaudit.cli.commands import ALIASES
from osaudit.cli.settings import Settings
from osaudit.errors import UsageError, meant
from osaudit.frozen import dataclass
from osaudit.tomlfile import line_of

OWN_TABLES = ("gate",)
"""Tables that set no option: who reads one with `Settings.table` names it here."""

UNSET = frozenset({"config", "no-config", "help", "version"})


@dataclass(frozen=True, slots=True)
class _Place:
    """A table of a settings file, by the keys that lead to it."""

    settings: Settings
    keys: tuple[str, ...] = ()

    def below(self, key: str) -> _Place:
        return _Place(self.settings, (*self.keys, key))

    @property
    def shown(self) -> str:
        return f"[{'.'.join((*self.settings.prefix, *self.keys))}]"

    def refuse(self, key: str, words: str) -> NoReturn:
        """Raise the UsageError for a key of this table, with its line."""
        line = line_of(self.settings.text, (*self.settings.prefix, *self.keys, key))
        raise UsageError(f"{self.settings.name}{f', line {line}' if line else ''}: {words}")


def default_map(settings: Settings, group: click.Group, ctx: click.Context) -> dict[str, Any]:
    """Give the settings as click's default map; UsageError for the first thing in them that is not known."""
    return dict(_commands(settings.tables, group, ctx, _Place(settings)))


def _commands(
    tables: Mapping[str, Any], group: click.Group, ctx: click.Context, place: _Place
) -> Iterator[tuple[str, Any]]:
    own: tuple[str, ...] = () if place.keys else OWN_TABLES
    known = (*group.list_commands(ctx), *own)
    for name, table in tables.items():
        real = name if place.keys else ALIASES.get(name, name)
        if not isinstance(table, Mapping):
            words = f"the key {name!r} stands in no command's table: write it under one, such as [audit]"
            place.refuse(name, words if real not in known else f"{name!r} is a table: write {place.below(name).shown}")
        command = group.get_command(ctx, real) if real not in own else None
        if real not in known:
            place.refuse(name, f"no command has the table {place.below(name).shown}{meant(name, known)}")
        if real in own:
            _hold_policy(table, place.below(name))
        if command is not None:
            within = click.Context(command, info_name=real, parent=ctx, resilient_parsing=True)
            yield real, dict(_of_command(table, command, within, place.below(name)))


def _of_command(
    table: Mapping[str, Any], command: click.Command, ctx: click.Context, place: _Place
) -> Iterator[tuple[str, Any]]:
    if isinstance(command, click.Group):
        yield from _commands(table, command, ctx, place)
        return
    options = options_of(command)
    for key, value in table.items():
        option = options.get(key.replace("_", "-"))
        if option is None:
            place.refuse(key, f"{place.shown} has no key {key!r}{meant(key, options) or _few(options)}")
        yield option.name or "", _value(key, value, option, ctx, place)


def options_of(command: click.Command) -> dict[str, click.Option]:
    """The options that settings can set, by their long names without the dashes."""
    found = (option for option in command.params if isinstance(option, click.Option))
    named = {max(option.opts, key=len).lstrip("-"): option for option in found}
    return {name: option for name, option in named.items() if name not in UNSET}


def _few(options: Iterable[str]) -> str:
    return f": it takes {', '.join(sorted(options))}"


def _value(key: str, value: object, option: click.Option, ctx: click.Context, place: _Place) -> object:
    """Take a value as its option would."""
    listed = value if isinstance(value, list) else [value]
    if isinstance(value, list) and not option.multiple:
        place.refuse(key, f"{key!r} takes one value, and a list is given")
    if option.multiple and not isinstance(value, list | str):
        place.refuse(key, f"{key!r} takes a list of texts")
    for one in listed:
        if not isinstance(one, str | int | float) or isinstance(one, bool) != (option.is_flag and not _is_text(one)):
            place.refuse(key, f"{key!r} takes {_wanted(option)}, and {str(one)[:60]!r} is given")
    try:
        taken = tuple(listed) if option.multiple else value
        option.type_cast_value(ctx, taken)
    except click.UsageError as error:
        place.refuse(key, f"{key!r}: {error.message}")
    return taken


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _wanted(option: click.Option) -> str:
    return "true or false" if option.is_flag else "a text or a number"


def _hold_policy(table: Mapping[str, Any], place: _Place) -> None:
    """Hold the policy's table to its keys, whatever command runs: its values are read where it is in force."""
    from osaudit.gate.policy import KEYS  # noqa: PLC0415 - who has no policy does without

    for key in table:
        if key not in KEYS:
            place.refuse(key, f"{place.shown} has no key {key!r}{meant(key, KEYS) or _few(KEYS)}")


def hold_environment(prefix: str, command: click.Command, names: Iterable[str], others: Iterable[str]) -> None:
    """Hold the environment to the command's options: UsageError for a variable that sets none.

    `others` are the prefixes of other commands that begin alike.
    """
    if isinstance(command, click.Group):
        return
    params = [param for param in command.params if isinstance(param, click.Option)]
    known = {f"{prefix}_{param.name}".upper() for param in params}
    known |= {name for param in params for name in (param.envvar if isinstance(param.envvar, list) else ())}
    for name in sorted(names):
        if name.startswith(f"{prefix}_") and name not in known and not name.startswith(tuple(others)):
            raise UsageError(f"the environment's {name} sets nothing{meant(name, known) or ': unset it'}")
