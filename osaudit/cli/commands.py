"""The commands: each imported when it is called, with its settings laid behind its flags and the environment."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osaudit.cli.saying import say
from osaudit.errors import UsageError, meant

if TYPE_CHECKING:
    from osaudit.cli.settings import Settings

ALIASES: Mapping[str, str] = {"license": "licence"}
"""Other spellings of a command."""

COMMANDS: dict[str, str] = {
    "audit": "osaudit.cli.audit:audit",
    "gate": "osaudit.cli.gate:gate",
    "policy": "osaudit.cli.policy:policy",
    "lock": "osaudit.cli.lock:lock",
    "may": "osaudit.cli.may:may",
    "scan": "osaudit.cli.scan:scan",
    "collect": "osaudit.cli.stages:collect",
    "judge": "osaudit.cli.stages:judge",
    "report": "osaudit.cli.stages:report",
    "verify": "osaudit.cli.verify:verify",
    "bundle": "osaudit.cli.bundle:bundle",
    "bom": "osaudit.cli.bom:bom",
    "audit-bom": "osaudit.cli.bom:audit_bom",
    "sweep": "osaudit.cli.sweep:sweep",
    "store": "osaudit.cli.store:store",
    "leaderboard": "osaudit.cli.leaderboard:leaderboard",
    "demo": "osaudit.cli.demo:demo",
    "criteria": "osaudit.cli.criteria:criteria",
    "review": "osaudit.cli.review:review",
    "mof": "osaudit.cli.mof:mof",
    "licence": "osaudit.cli.licence:licence",
    "probe": "osaudit.cli.probe:probe",
    "lineage": "osaudit.cli.lineage:lineage",
    "diff": "osaudit.cli.diff:diff",
    "history": "osaudit.cli.history:history",
}
SUMMARIES: dict[str, str] = {
    "audit": "Audit models: Hub ids, Hub URLs or local folders.",
    "gate": "Hold what a project adopts to its policy, in CI.",
    "policy": "Say what a policy demands; write one to start from.",
    "lock": "Write which commit of each model was judged, and on what.",
    "may": "Say what a model may be put to, by whom, and under which conditions.",
    "scan": "Find the models that a code base adopts, and where.",
    "collect": "Look at a model and save what was seen as evidence.",
    "judge": "Judge saved evidence; needs no network.",
    "report": "Render saved scorecards.",
    "verify": "Say what holds in saved evidence or scorecards.",
    "bundle": "Write an audit as one file that can be signed and checked; check one.",
    "bom": "Write a model's bill of materials: SPDX 2.3, SPDX 3.0.1 or CycloneDX.",
    "audit-bom": "Audit the models that a bill of materials names.",
    "sweep": "Audit many models into a store that survives anything.",
    "store": "Check, query, export and compare the stores of sweeps.",
    "leaderboard": "Publish a sweep as a site of static files.",
    "demo": "Audit a bundled set of recorded facts; needs no network.",
    "criteria": "List and explain what is asked.",
    "review": "Answer what is open for a person; writes attestations.",
    "mof": "Classify a component inventory by the Model Openness Framework.",
    "licence": "Identify licence texts; read the clause table.",
    "probe": "Try whether the published weights run.",
    "lineage": "Walk the models that a model was made from.",
    "diff": "Say what changed between two revisions.",
    "history": "Say when a model's terms changed.",
}


class Commands(click.Group):
    """The sub-commands, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the commands in the order in which help tells them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        """Import a command; None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return _fitted(command, _variable("OSAUDIT", cmd_name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called, and read the settings that stand behind its flags."""
        called = ALIASES.get(args[0], args[0])
        if called not in COMMANDS and not called.startswith("-"):
            near = meant(called, COMMANDS) or f": it has {', '.join(COMMANDS)}"
            raise click.UsageError(f"no command is called {called[:60]!r}{near}", ctx)
        name, command, rest = super().resolve_command(ctx, [called, *args[1:]])
        if name and command and not ctx.resilient_parsing:
            _lay_settings(self, ctx, name, command, rest)
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - likewise
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in COMMANDS])


def config_options(command: click.Command, *, exposed: bool = False) -> click.Command:
    """Add `--config` and `--no-config`, which are read before the command is; the group alone is handed them."""
    if not any(param.name == "config" for param in command.params):
        command.params += [
            click.Option(
                ["--config"],
                metavar="FILE",
                expose_value=exposed,
                help="The settings file, in place of the nearest osaudit.toml or pyproject.toml.",
            ),
            click.Option(["--no-config"], is_flag=True, expose_value=exposed, help="Read no settings file."),
        ]
    return command


def _fitted(command: click.Command, prefix: str) -> click.Command:
    """Give a command what all have: the options of settings, and for each option the variable that its flag names."""
    config_options(command)
    _name_variables(command, prefix)
    return command


def _name_variables(command: click.Command, prefix: str) -> None:
    """Let `--format` be set by the variable FORMAT too, where the program calls it otherwise."""
    for option in command.params:
        flag = max(option.opts, key=len).lstrip("-").replace("-", "_")
        if isinstance(option, click.Option) and option.name not in {flag, None}:
            option.envvar = [_variable(prefix, flag), _variable(prefix, option.name or "")]
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            _name_variables(below, _variable(prefix, name))


def _variable(prefix: str, name: str) -> str:
    return f"{prefix}_{name}".replace("-", "_").upper()


def _lay_settings(group: click.Group, ctx: click.Context, name: str, command: click.Command, args: list[str]) -> None:
    """Read the settings, hold them to what there is, and lay them behind the command's flags."""
    from osaudit.cli.strict import default_map, hold_environment  # noqa: PLC0415 - help needs no settings

    flags = _flags(ctx, name, command, args)
    if flags.get("help"):
        return
    own = _variable("OSAUDIT", name)
    hold_environment(own, command, os.environ, [_variable("OSAUDIT", o) for o in COMMANDS if o.startswith(f"{name}-")])
    try:
        found = _settings(ctx, name, command, flags)
        laid = default_map(found, group, ctx) if found.tables else {}
    except UsageError as error:
        if name != "gate" or not (flags.get("trust") or os.environ.get(f"{own}_TRUST")):
            raise
        found, laid = _without(ctx, name, flags, error), {}  # it takes none of what stands here
    ctx.default_map = {**laid, **(ctx.default_map or {})}
    ctx.obj = found
    for path in found.passed_over if not flags.get("quiet") else ():
        say(f"{path} lies in what is audited, and is not read: --config FILE names settings from elsewhere")


def _settings(ctx: click.Context, name: str, command: click.Command, flags: Mapping[str, Any]) -> Settings:
    from osaudit.cli import settings  # noqa: PLC0415 - likewise

    arguments = [flags.get(param.name or "") for param in command.params if isinstance(param, click.Argument)]
    targets = tuple(settings.folders_named(arguments))
    if flags.get("no_config") or ctx.params.get("no_config"):
        return settings.NONE
    named = _named(ctx, name, flags)
    return settings.read_named(named, targets) if named else settings.find(Path.cwd(), targets)


def _named(ctx: click.Context, name: str, flags: Mapping[str, Any]) -> str:
    """The settings file that the user names, if one is."""
    variable = _variable("OSAUDIT", f"{name}_config")
    return str(flags.get("config") or ctx.params.get("config") or os.environ.get(variable) or "")


def _without(ctx: click.Context, name: str, flags: Mapping[str, Any], error: UsageError) -> Settings:
    """Settings that hold nothing, since the file is wrong, and say so."""
    from osaudit.cli.settings import Settings  # noqa: PLC0415 - likewise

    named = _named(ctx, name, flags)
    file = Path(named).expanduser().absolute() if named else None
    return Settings(file, named=bool(named), broken=str(error))


def _flags(ctx: click.Context, name: str, command: click.Command, args: list[str]) -> Mapping[str, Any]:
    """Look through what is called, as far as it can be read: what is wrong with it is told when it is called."""
    within = click.Context(command, info_name=name, parent=ctx)
    try:
        return command.make_parser(within).parse_args(list(args))[0]
    except click.UsageError:
        return {}
