"""The options that tell how to look at a model, and the log that tells of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

import click

from osaudit import audit
from osaudit.audit import MAX_COMMITS
from osaudit.cli.saying import LogLines
from osaudit.cli.used import tell_settings
from osaudit.frozen import dataclass

HUB_OPTIONS: Mapping[str, Callable[[Callable[..., object]], Callable[..., object]]] = {
    "revision": click.option("--revision", metavar="REV", help="A branch, tag or commit; else the default branch."),
    "identity": click.option(
        "--identity",
        metavar="ORG/NAME@COMMIT",
        help="What a folder is: its files are held to the Hub's ids.",
    ),
    "offline": click.option("--offline", is_flag=True, help="Use what was fetched before; ask no network."),
    "no_cache": click.option("--no-cache", is_flag=True, help="Fetch everything anew and keep nothing."),
    "depth": click.option(
        "--depth", type=click.IntRange(0, 8), default=4, show_default=True, help="Levels of base models."
    ),
    "timeout": click.option(
        "--timeout",
        type=click.FloatRange(0, 86400, min_open=True),
        default=120.0,
        show_default=True,
        help="Seconds to wait for the Hub's answers in all, for each model; waiting that it asks for is not counted.",
    ),
    "quiet": click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors."),
    "verbose": click.option("-v", "--verbose", is_flag=True, help="Each request on stderr."),
}


@dataclass(frozen=True, slots=True)
class Looking(audit.Looking):
    """How to look, and how much to tell of it: the options that `audit` and `collect` share."""

    quiet: bool = False
    verbose: bool = False


def hub_options(command: Callable[..., object]) -> Callable[..., object]:
    """Add the options of `Looking` to a command."""
    return looking_options(*HUB_OPTIONS)(command)


def hub_options_without_revision(command: Callable[..., object]) -> Callable[..., object]:
    """Add them to a command whose input names the revisions itself."""
    return looking_options(*(name for name in HUB_OPTIONS if name != "revision"))(command)


def looking_options(*names: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Add some of the options of `Looking` to a command, by their names."""

    def add(command: Callable[..., object]) -> Callable[..., object]:
        for name in reversed(tuple(HUB_OPTIONS)):
            command = HUB_OPTIONS[name](command) if name in names else command
        return command

    return add


def history_option(command: Callable[..., object]) -> Callable[..., object]:
    """Add `--history` to a command that looks at one repository."""
    return click.option(
        "--history",
        is_flag=True,
        help=f"Also read the terms that the newest {MAX_COMMITS} commits had; each costs a request.",
    )(command)


def linked_options(command: Callable[..., object]) -> Callable[..., object]:
    """Add `--linked` and `--linked-host` to a command that looks at a model."""
    told = "Whether linked code repositories are looked at with your git; auto: where that may change something."
    command = click.option(
        "--linked-host", multiple=True, metavar="HOST", help="A further host of git to ask beside the known ones."
    )(command)
    modes = click.Choice(("auto", "never", "always"))
    return click.option("--linked", type=modes, default="auto", show_default=True, help=told)(command)


def known_option(command: Callable[..., object]) -> Callable[..., object]:
    """Add `--hashes` to a command that looks at models."""

    def read(_: click.Context, __: click.Parameter, value: str | None) -> object:
        from osaudit.sources.weighed import read_known  # noqa: PLC0415 - help needs none of it

        return read_known(value) if value else None

    return click.option(
        "--hashes",
        "known",
        metavar="FILE",
        callback=read,
        help="Hold weight files against known ones (`osaudit store study STORE --known-weights FILE`).",
    )(command)


def set_up_log(looking: Looking) -> None:
    """Send warnings, and with -v each request, to stderr."""
    level = logging.ERROR if looking.quiet else logging.INFO if looking.verbose else logging.WARNING
    handler = logging.StreamHandler()
    handler.setFormatter(LogLines())
    logger = logging.getLogger("osaudit")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
    tell_settings()
