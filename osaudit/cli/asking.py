"""What is asked: the packs, and the attestations of named persons. `audit` and `judge` share these options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from osaudit import audit
from osaudit.audit import Asking, now
from osaudit.cli import complete
from osaudit.cli.saying import say
from osaudit.errors import UsageError

if TYPE_CHECKING:
    from osaudit.attest.entries import Attestation, Attestations


class Several(click.Option):
    """An option that may be repeated, or given a list with commas; one value in a settings file is a list of one."""

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, ParameterSource]:
        """Take the value as click does, and a lone word of the settings file as what it means."""
        value, source = super().consume_value(ctx, opts)
        listed = (value,) if isinstance(value, str) and source is ParameterSource.DEFAULT_MAP else value
        if not isinstance(listed, list | tuple):
            return listed, source
        return tuple(part for one in listed for part in _parts(one)), source


def _parts(value: object) -> tuple[object, ...]:
    """Split a list with commas; a file that has one in its name stays whole."""
    if not isinstance(value, str) or "," not in value or Path(value).is_file():
        return (value,)
    return tuple(part.strip() for part in value.split(",") if part.strip())


ASKING_OPTIONS: tuple[Callable[[Callable[..., object]], Callable[..., object]], ...] = (
    click.option(
        "--pack",
        cls=Several,
        shell_complete=complete.packs,
        multiple=True,
        metavar="PACK",
        help="A further definition beside the Open Source Definition: osaid, mof, g7, eu-ai-act, all, or a YAML file; "
        "may be repeated.",
    ),
    click.option("--attestations", metavar="FILE", help="What named persons attest; a signature FILE.sig is checked."),
    click.option("--signers", metavar="FILE", help="An allowed-signers file, to tell whose the signature is."),
)


def asking_options(command: Callable[..., object]) -> Callable[..., object]:
    """Add the options of `Asking` to a command."""
    for option in reversed(ASKING_OPTIONS):
        command = option(command)
    return command


def asking(packs: tuple[str, ...], attestations: str | None, signers: str | None) -> Asking:
    """Load what the options name; UsageError where it is not what it should be, OsauditError for a forged signature."""
    if signers and not attestations:
        raise UsageError("--signers tells whose the signature of attestations is: name them with --attestations")
    asked = audit.asking(packs)
    return replace(asked, given=read_given(attestations, signers)) if attestations else asked


def read_given(attestations: str, signers: str | None) -> Attestations:
    """Read an attestation file and check its signature, for today."""
    from osaudit.attest.entries import Attestations, read_attestations, sha256_of  # noqa: PLC0415 - rarely needed
    from osaudit.attest.signature import NOT_SIGNED, check_signature  # noqa: PLC0415
    from osaudit.yamlfile import read_bytes  # noqa: PLC0415

    path = Path(attestations)
    data = read_bytes(path)
    signature = check_signature(path, data, Path(signers) if signers else None)
    if signature == NOT_SIGNED and signers:
        say(f"{path.name} is not signed: there is no {path.name}.sig beside it")
    entries = read_attestations(data, path.name)
    return Attestations(entries, path.name, sha256_of(data), signature, as_of=now()[:10])


def read_entries(path: Path) -> tuple[Attestation, ...]:
    """Read the entries of an attestation file, whatever its signature is."""
    from osaudit.attest.entries import read_attestations  # noqa: PLC0415 - rarely needed
    from osaudit.yamlfile import read_bytes  # noqa: PLC0415

    return read_attestations(read_bytes(path), path.name)
