"""`osaudit bom`: write a model's bill of materials; `osaudit audit-bom`: read one, and audit what it names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import click

from osaudit.audit import Asking, Run, look, now
from osaudit.bom import WRITERS
from osaudit.bom.check import Field, fields_of
from osaudit.bom.read import NamedModel, read_bom
from osaudit.cli.looking import Looking, hub_options, hub_options_without_revision, linked_options, set_up_log
from osaudit.cli.many import audit_all
from osaudit.cli.output import OUTPUTS, emit, format_option, formats_of, write_reports
from osaudit.cli.saying import say, show_lines
from osaudit.cli.stages import read_input
from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import Evidence, Seen
from osaudit.gate.findings import worst_exit

_SHORT_COMMIT = re.compile(r"[0-9a-f]{7,39}")


@click.command()
@click.argument("model", required=False)
@click.option("--evidence", "saved", metavar="FILE", help="Saved evidence in place of MODEL; - is stdin.")
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(tuple(WRITERS)),
    default="spdx-3.0.1",
    show_default=True,
    metavar="FORM",
    help=f"{', '.join(WRITERS)}.",
)
@click.option("-o", "--output", metavar="FILE", help="Where the document goes; - is stdout, and the default.")
@click.option("--check", is_flag=True, help="Tell which fields are met and which are missing; exit 1 for any missing.")
@click.option("--pack", default="osd", show_default=True, help="The criteria: a pack's id, or a YAML file.")
@linked_options
@hub_options
def bom(
    *, model: str | None, saved: str | None, form: str, output: str | None, check: bool, pack: str, **options: object
) -> int:
    """Write the bill of materials of MODEL (Hub id, Hub URL or ./folder), with the audit's verdicts in it.

    The fields of --check are NTIA's minimum elements and the mandatory ones of SPDX's AI profile. With --check, the
    document itself is written where -o names a file.
    """
    from osaudit.bom.content import describe  # noqa: PLC0415 - help needs none of these
    from osaudit.judge import judge  # noqa: PLC0415
    from osaudit.licences.table import load_table  # noqa: PLC0415
    from osaudit.packs import load_pack  # noqa: PLC0415

    if (model is None) == (saved is None):
        raise UsageError("name a MODEL, or saved evidence with --evidence FILE: one of them")
    if check and output == "-":
        raise UsageError("--check writes to stdout: give the document a file with -o FILE, or leave -o out")
    looking = Looking(**options)  # type: ignore[arg-type] # click's values, by the same names
    set_up_log(looking)
    asked, table = load_pack(pack), load_table()
    evidence = _evidence(model, saved, looking)
    card = judge(evidence, asked, table)
    content = describe(evidence, card, table, now() if os.environ.get("SOURCE_DATE_EPOCH") else None)
    if output or not check:
        emit(output or "-", WRITERS[form](content))
    fields = fields_of(content) if check else ()
    if check:
        show_lines("".join(_checked(fields)).rstrip("\n"))
    unhashed = sum(file.sha256 is None for file in content.files)
    if unhashed and not looking.quiet:
        say(f"{unhashed} of {len(content.files)} weight files have no sha256 here")
    if card.incomplete:
        say(f"{card.model}: the audit is incomplete: files were refused")
    return 3 if card.incomplete else int(any(not field.value for field in fields))


def _evidence(model: str | None, saved: str | None, looking: Looking) -> Evidence:
    from osaudit.reading.reread import load_evidence  # noqa: PLC0415 - help does not need it

    evidence = load_evidence(read_input(saved), saved) if saved else look(model or "", looking)
    if evidence.ref.kind != "model":
        raise UsageError(f"{evidence.ref.path} is a data set: name a model that was trained on it")
    return evidence


def _checked(fields: Sequence[Field]) -> Iterator[str]:
    for field in fields:
        state, told = ("met", field.value) if field.value else ("missing", field.why)
        yield f"{state:<8} {field.standard}: {field.component}: {field.name}: {told}\n"
    missing = sum(not field.value for field in fields)
    yield f"{len(fields) - missing} of {len(fields)} fields are met, {missing} are missing\n"


@click.command("audit-bom")
@click.argument("file")
@OUTPUTS
@format_option()
@click.option("--pack", default="osd", show_default=True, help="The criteria: a pack's id, or a YAML file.")
@linked_options
@hub_options_without_revision
def audit_bom(*, file: str, outputs: tuple[str, ...], form: str | None, pack: str, **options: object) -> int:
    """Audit the models that a bill of materials names: SPDX 2.3, SPDX 3.0 or CycloneDX, as JSON (- is stdin).

    Each model is audited at the revision that the document names.
    """
    from osaudit.judge import require_askable  # noqa: PLC0415 - help needs none of these
    from osaudit.packs import load_pack  # noqa: PLC0415

    looking = Looking(**options)  # type: ignore[arg-type] # click's values, by the same names
    set_up_log(looking)
    targets = formats_of(outputs, form, folders=True)
    models = _models(file)
    asked = Asking(load_pack(pack), (), None)
    require_askable(asked.packs)
    for model in models if not looking.quiet else ():
        if not (model.commit or model.revision):
            said = f" but {model.version[:60]!r}" if model.version else ""
            say(f"{model.id}: the document names no revision{said}; the newest is audited")
    cards, failures = audit_all(
        models, lambda model: model.id, lambda model, run: _look(model, looking, run), asked, quiet=looking.quiet
    )
    if cards or failures:
        write_reports(cards, targets, failures)
    return worst_exit([*(one.exit for one in failures), *(3 for card in cards if card.incomplete)])


def _models(file: str) -> tuple[NamedModel, ...]:
    try:
        return read_bom(read_input(file))
    except OsauditError as error:
        name = "standard input" if file == "-" else file
        words = str(error) if name in str(error) else f"{name}: {error}"
        raise OsauditError(words, exit_code=error.exit_code) from error


def _look(model: NamedModel, looking: Looking, run: Run) -> Evidence:
    """Look at a model at the commit that the document names, at the newest one where it names none."""
    short = model.revision if model.revision and _SHORT_COMMIT.fullmatch(model.revision) else None
    revision = None if short else model.commit or model.revision
    evidence = look(model.id, replace(looking, revision=revision), run)
    commit = evidence.commit.value if isinstance(evidence.commit, Seen) else ""
    if short and not commit.startswith(short):
        raise OsauditError(
            f"{model.id}: the document names the commit {short}..., and the newest is {commit or 'unknown'}: a commit "
            "can be looked up by all of its 40 digits only"
        )
    return evidence
