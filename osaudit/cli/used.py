"""Which settings a command runs under, for its output: the file that was read, and what excused a condition."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import click
from click.core import ParameterSource

from osaudit.cli.settings import Settings
from osaudit.verdict import Scorecard

_log = logging.getLogger("osaudit")


def settings_used() -> Settings:
    """The settings that the running command was laid over."""
    context = click.get_current_context(silent=True)
    return (context.find_object(Settings) if context else None) or Settings()


def tell_settings() -> None:
    """Tell the file that was read, where the log tells each step."""
    used = settings_used()
    _log.info("settings: %s", used.name if used.file else "none")


def excused_by() -> str:
    """Say what set `--exit-zero`: a flag, a variable of the environment, or the settings."""
    context = click.get_current_context()
    match context.get_parameter_source("exit_zero"):
        case ParameterSource.ENVIRONMENT:
            return f"{context.auto_envvar_prefix}_EXIT_ZERO in the environment"
        case ParameterSource.DEFAULT_MAP:
            return f"exit-zero in {settings_used().name}"
        case _:
            return "--exit-zero"


def max_age_for(cards: Sequence[Scorecard]) -> int | None:
    """The days after which one model's evidence has to be looked at again, as `[gate]` of the settings asks.

    None where no policy asks, and for several models; UsageError where the policy does not read.
    """
    table = settings_used().table("gate")
    if not table or len(cards) != 1:
        return None
    from osaudit.gate.policy import policy_of  # noqa: PLC0415 - who has no policy does without
    from osaudit.tomlfile import TomlFile  # noqa: PLC0415

    used = settings_used()
    policy = policy_of(table, TomlFile(used.name, used.text, (*used.prefix, "gate")))
    return policy.of(cards[0].model).max_age


def config_told(excuse: str) -> dict[str, str | None] | None:
    """Give what JSON tells of the settings; None where nothing was read and nothing excused."""
    used = settings_used()
    if not (used.tables or excuse):
        return None
    return {
        "file": used.name if used.tables else None,
        "sha256": used.sha256 if used.tables else None,
        "exit_zero_by": excuse or None,
    }
