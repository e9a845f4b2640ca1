"""`osaudit demo`: the whole pipeline on recorded facts that ship with the program."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import click

from osaudit.cli.output import save, terminal
from osaudit.cli.saying import say, show_lines
from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import Evidence
from osaudit.verdict import Scorecard

RECORDS = Path(__file__).resolve().parent.parent / "demo"
SUMMARY, MODELS = "summary", "models"
_MADE = (
    "Made for the demo, whole: osaudit-demo/open-wren, open on every facet, and osaudit-demo-chat/reed-chat, a "
    "fine-tune that drops its base's terms. Their files are in {}, to be audited and probed."
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One bundled record: its evidence, the day of the state that it tells of, and where that was seen."""

    evidence: Evidence
    date: str
    commit: str
    source: str


@click.command()
@click.option(
    "-o", "--output", default="osaudit-demo", show_default=True, metavar="FOLDER", help="Where the reports go."
)
@click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors.")
@click.option("--no-probe", is_flag=True, help="Do not try the weights of the two models that were made for the demo.")
def demo(*, output: str, quiet: bool, no_probe: bool) -> int:
    """Audit a bundled set of recorded facts and two models made for this, and write their reports; needs no network."""
    from osaudit.judge import judge  # noqa: PLC0415 - help needs none of these
    from osaudit.licences.table import load_table  # noqa: PLC0415
    from osaudit.packs import load_pack  # noqa: PLC0415
    from osaudit.render.text import render_summary_text  # noqa: PLC0415
    from osaudit.render.wrap import wrap  # noqa: PLC0415

    records = load_records()
    pack, table = load_pack(), load_table()
    folder = Path(output)
    made = _made(folder, probe=not no_probe)
    cards = [judge(evidence, pack, table) for evidence in (*(record.evidence for record in records), *made)]
    written = _write(folder, cards)
    shown = terminal()
    click.echo(render_summary_text(cards, colour=shown.colour, width=shown.width), color=shown.colour)
    told = (line for record in records for line in wrap(_provenance(record), shown.width - 4))
    show_lines("\n".join(["Recorded facts, hashes and no texts:", *(f"  {line}" for line in told)]))
    show_lines("\n".join(wrap(_MADE.format(folder / MODELS), shown.width)))
    if not quiet:
        say(f"wrote {written} reports: open {Path(output) / SUMMARY}.html", prefix="")
    return 0


def load_records(folder: Path = RECORDS) -> tuple[Recorded, ...]:
    """Load the bundled records, by name; OsauditError where there are none."""
    records = tuple(_load(path) for path in sorted(folder.glob("*.json")))
    if not records:
        raise OsauditError("the demo's records are not in this installation: install osaudit again")
    return records


def _load(path: Path) -> Recorded:
    from osaudit import codec  # noqa: PLC0415 - help does not need it

    text = path.read_text(encoding="utf-8")
    told = json.loads(text)["record"]
    return Recorded(codec.load(text), told["date"], told["commit"], told["source"])


def _provenance(record: Recorded) -> str:
    return f"{record.evidence.ref.repo} at {record.commit}, {record.date}: {record.source}"


def _made(folder: Path, *, probe: bool) -> list[Evidence]:
    """Write the models that were made for the demo, look at them, and try their weights as far as is possible here."""
    from osaudit.cli import made  # noqa: PLC0415 - help needs none of these
    from osaudit.cli.looking import Looking  # noqa: PLC0415
    from osaudit.cli.probing import Probing, with_probe  # noqa: PLC0415

    home = folder / MODELS
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {home}: {error.strerror or error}") from error
    made.write_models(home)
    found = []
    for name in made.MODELS:
        evidence = made.look_at(home, name)
        if probe:
            options = Probing(warm_runs=1, cold_runs=1).up_to(made.probe_level())
            evidence = with_probe(evidence, str((home / name).absolute()), options, Looking(quiet=True))
        found.append(evidence)
    return found


def _write(folder: Path, cards: list[Scorecard]) -> int:
    """Render everything, then write it: a page and a JSON file for each model, and the summary."""
    from osaudit.render.csv import render_summary_csv  # noqa: PLC0415 - help needs none of these
    from osaudit.render.html import render_html, render_summary_html  # noqa: PLC0415
    from osaudit.render.json import render_json  # noqa: PLC0415

    links = {at: f"{card.model.replace('/', '--')}.html" for at, card in enumerate(cards)}
    pages = {
        f"{SUMMARY}.html": render_summary_html(cards, links),
        f"{SUMMARY}.json": render_json(cards),
        f"{SUMMARY}.csv": render_summary_csv(cards),
    }
    for card in cards:
        name = card.model.replace("/", "--")
        pages |= {f"{name}.html": render_html([card]), f"{name}.json": render_json([card])}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {folder}: {error.strerror or error}") from error
    for name, text in pages.items():
        save(folder / name, text)
    return len(pages)
