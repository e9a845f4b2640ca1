"""`osaudit criteria`: what is asked, what passes and fails, and what would change a verdict."""

from __future__ import annotations

from pathlib import Path

import click

from osaudit.audit import now
from osaudit.cli import complete
from osaudit.cli.output import emit, formats_of
from osaudit.cli.saying import show_lines
from osaudit.errors import UsageError
from osaudit.gate.cells import cell_of
from osaudit.packs import Cell, Criterion, Pack, load_pack
from osaudit.verdict import FACETS

_PACK = click.option(
    "--pack",
    default="osd",
    show_default=True,
    shell_complete=complete.packs,
    help="A pack's id, or a YAML file.",
)


@click.group()
def criteria() -> None:
    """List and explain what is asked."""


@criteria.command("list")
@_PACK
def list_criteria(pack: str) -> None:
    """List the criteria and the weight of each cell."""
    asked = load_pack(pack)
    show_lines(f"{asked.name} {asked.version}: {asked.definition}")
    wide = max(8, *(len(criterion.id) + 1 for criterion in asked.criteria))
    show_lines(f"{'':{wide}}{'weights':>9}{'data':>6}{'training':>10}{'licence':>9}")
    for criterion in asked.criteria:
        weights = [str(criterion.cells[facet].weight) if facet in criterion.cells else "-" for facet in FACETS]
        columns = "".join(f"{weight:>{width}}" for weight, width in zip(weights, (9, 6, 10, 9), strict=True))
        show_lines(f"{criterion.id:{wide}}{columns}   {criterion.title}")


@criteria.command()
@click.argument("criterion", shell_complete=complete.cells)
@_PACK
def show(criterion: str, pack: str) -> None:
    """Show one criterion, such as OSD-6, with its four questions."""
    asked = load_pack(pack)
    found = _criterion(asked, cell_of(criterion, [asked])[0])
    show_lines(f"{found.id}  {found.title}\n{found.demands}\n")
    for facet in FACETS:
        if facet in found.cells:
            show_lines(f"{facet:9} ({found.cells[facet].weight:>2})  {found.cells[facet].question}")
    show_lines(f"\nSource: {asked.definition}")


@criteria.command()
@click.argument("cell", shell_complete=complete.cells)
@_PACK
def explain(cell: str, pack: str) -> None:
    """Explain a cell, such as C6-L or OSD-6/licence: question, what passes and fails, remedy, checks.

    Or explain a rule by the id that a conflict or a risk names, such as en-non-commercial-2: its words, and examples.
    """
    asked = load_pack(pack)
    try:
        number, facet = cell_of(cell, [asked])
    except UsageError as error:
        click.echo(_rule(cell, error))
        return
    found = _criterion(asked, number)
    if facet is None:
        raise UsageError(f"{cell!r} names a criterion and no facet: write {number}/licence, or C6-L")
    for name, one in found.cells.items():
        if name == facet:
            show_lines(_explained(asked, found, facet, one))


@criteria.command()
@click.argument("name")
@click.option("-o", "--output", default="-", show_default=True, metavar="FILE", help="Where the pack goes.")
def new(name: str, output: str) -> None:
    """Begin a pack of your own: YAML that is valid, with two criteria and a list of every check."""
    from osaudit.cli.scaffold import scaffold  # noqa: PLC0415 - the others need no check

    formats_of((output,), "text")
    if output != "-" and Path(output).exists():
        raise UsageError(f"{output} is there already: name another file")
    emit(output, scaffold(name, now()[:10]))


def _rule(named: str, error: UsageError) -> str:
    """Tell the rule of that id; the error on the cell where no id is near."""
    from osaudit.cli.rules import near, rules, told  # noqa: PLC0415 - cells need no rule book

    rule = rules().get(named.strip())
    if rule is not None:
        return told(rule)
    ids = near(named)
    if ids:
        raise UsageError(f"{named[:80]!r} is no cell, and no rule: did you mean {', '.join(ids)}?") from error
    raise error


def _explained(pack: Pack, criterion: Criterion, facet: str, cell: Cell) -> str:
    gates = criterion.id in pack.gate_criteria and facet in pack.gate_facets
    lines = [f"{criterion.id}/{facet}  {criterion.title}", cell.question, ""]
    told = (("pass", cell.passes), ("partial", cell.partial), ("fail", cell.fails), ("review", cell.review))
    lines += [f"{name:8} {words}" for name, words in told if words]
    lines += ["", f"Weight   {cell.weight} of 100{', and gates the label' if gates else ''}"]
    lines += [f"Checks   {', '.join(call.name for call in cell.checks)}", f"Remedy   {cell.remedy}"]
    return "\n".join([*lines, f"Source   {pack.definition}"])


def _criterion(pack: Pack, number: str) -> Criterion:
    found = next((row for row in pack.criteria if row.id == number), None)
    if found is None:
        raise UsageError(f"{number} is not in the pack {pack.id}: it has {', '.join(row.id for row in pack.criteria)}")
    return found
