"""`osaudit bom`: write a model's bill of materials; `osaudit audit-bom`: read one, and audit what it names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import click

from osaudit.bom import WRITERS
from osaudit.bom.check import Field, fields_of
from osaudit.bom.read import NamedModel, read_bom
from osaudit.cli.asking import Asking
from osaudit.cli.looking import (
    Looking,
    Run,
    hub_options,
    hub_options_without_revision,
    hub_source,
    look,
    now,
    set_up_log,
)
from osaudit.cli.many import audit_all
from osaudit.cli.output import FORMATS, emit, formats_of, write_reports
from osaudit.cli.stages import read_input
from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import Evidence, Fact, Files, Seen, Unknown

_SHORT_COMMIT = re.compile(r"[0-9a-f]{7,39}")


@click.command()
@click.argument("model", required=False)
@click.option("--evidence", "saved", metavar="FILE", help="Saved evidence in place of MODEL; - is stdin.")
@click.option(
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
    listed = _hashed(evidence, looking) if saved is None else evidence  # beside what was judged: its digest stays
    content = describe(listed, card, table, now() if os.environ.get("SOURCE_DATE_EPOCH") else None)
    if output or not check:
        emit(output or "-", WRITERS[form](content))
    fields = fields_of(content) if check else ()
    if check:
        emit("-", "".join(_checked(fields)))
    unhashed = sum(file.sha256 is None for file in content.files)
    if unhashed and not looking.quiet:
        click.echo(f"osaudit: {unhashed} of {len(content.files)} weight files have no sha256 here", err=True)
    if card.incomplete:
        click.echo(f"osaudit: {card.model}: the audit is incomplete: files were refused", err=True)
    return 3 if card.incomplete else int(any(not field.value for field in fields))


def _evidence(model: str | None, saved: str | None, looking: Looking) -> Evidence:
    from osaudit.reading.reread import load_evidence  # noqa: PLC0415 - help does not need it

    evidence = load_evidence(read_input(saved)) if saved else look(model or "", looking)
    if evidence.ref.kind != "model":
        raise UsageError(f"{evidence.ref.path} is a data set: name a model that was trained on it")
    return evidence


def _hashed(evidence: Evidence, looking: Looking) -> Evidence:
    """Add the sizes and hashes of the files: a second request, which no verdict needs."""
    if evidence.source != "hub" or looking.offline:
        return evidence
    told = _asked(evidence, looking)
    if isinstance(told, Unknown) and not looking.quiet:
        click.echo(f"osaudit: sizes and hashes are not known: {told.why}", err=True)
    if not isinstance(told, Seen) or not isinstance(evidence.files, Seen):
        return evidence
    known = {entry.path: entry for entry in told.value.entries}
    entries = tuple(known.get(entry.path, entry) for entry in evidence.files.value.entries)
    return replace(evidence, files=replace(evidence.files, value=replace(evidence.files.value, entries=entries)))


def _asked(evidence: Evidence, looking: Looking) -> Fact[Files]:
    from osaudit.sources.client import is_offline  # noqa: PLC0415 - help does not need it

    if is_offline() or not isinstance(evidence.commit, Seen):
        return Unknown("the network is not to be asked" if is_offline() else "no commit is known")
    return hub_source(looking).hashed_files(evidence.ref, evidence.commit.value)


def _checked(fields: Sequence[Field]) -> Iterator[str]:
    for field in fields:
        state, told = ("met", field.value) if field.value else ("missing", field.why)
        yield f"{state:<8} {field.standard}: {field.component}: {field.name}: {told}\n"
    missing = sum(not field.value for field in fields)
    yield f"{len(fields) - missing} of {len(fields)} fields are met, {missing} are missing\n"


@click.command("audit-bom")
@click.argument("file")
@click.option(
    "-o", "--output", "outputs", multiple=True, metavar="FILE", help="Write a report; may be repeated. - is stdout."
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="The report's format; else by the file's suffix, else text."
)
@click.option("--pack", default="osd", show_default=True, help="The criteria: a pack's id, or a YAML file.")
@hub_options_without_revision
def audit_bom(*, file: str, outputs: tuple[str, ...], form: str | None, pack: str, **options: object) -> int:
    """Audit the models that a bill of materials names: SPDX 2.3, SPDX 3.0 or CycloneDX, as JSON (- is stdin).

    Each model is audited at the revision that the document names.
    """
    from osaudit.judge import require_askable  # noqa: PLC0415 - help needs none of these
    from osaudit.packs import load_pack  # noqa: PLC0415

    looking = Looking(**options)  # type: ignore[arg-type] # click's values, by the same names
    set_up_log(looking)
    targets = formats_of(outputs, form)
    models = _models(file)
    asked = Asking(load_pack(pack), (), None)
    require_askable(asked.packs)
    for model in models if not looking.quiet else ():
        if not (model.commit or model.revision):
            said = f" but {model.version[:60]!r}" if model.version else ""
            click.echo(f"osaudit: {model.id}: the document names no revision{said}; the newest is audited", err=True)
    cards, failed = audit_all(
        models, lambda model: model.id, lambda model, run: _look(model, looking, run), asked, quiet=looking.quiet
    )
    if cards:
        write_reports(cards, targets)
    return 3 if failed or any(card.incomplete for card in cards) else 0


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
