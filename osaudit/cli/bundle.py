"""`osaudit bundle`: an audit in one file that can be kept, signed, checked and judged again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from osaudit.audit import collect_evidence
from osaudit.cli.asking import asking, asking_options
from osaudit.cli.looking import Looking, hub_options, set_up_log
from osaudit.cli.output import PRINTED, emit, save_bytes, told
from osaudit.cli.saying import say, show_lines
from osaudit.cli.stages import decision_on, read_input
from osaudit.cli.used import max_age_for
from osaudit.errors import UsageError
from osaudit.gate.assess import not_judged
from osaudit.gate.conditions import Conditions

if TYPE_CHECKING:
    from osaudit.bundle.packing import Given
    from osaudit.bundle.verification import Checked
    from osaudit.verdict import Scorecard

VERIFY = "verify"


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="MODEL | verify FILE.zip")
@click.option("-o", "--output", metavar="FILE.zip", help="Where the bundle goes.")
@click.option("--evidence", "saved", metavar="FILE", help="Saved evidence of MODEL in place of looking at it.")
@click.option("--decision", metavar="FILE", help="A person's decision on the model (YAML), for the report.")
@click.option("--no-pdf", is_flag=True, help="Leave the PDF out, which takes seconds to make.")
@click.option("--key", metavar="FILE", help="Sign the manifest with this SSH key.")
@PRINTED
@asking_options
@hub_options
def bundle(  # noqa: PLR0913 - a table of options
    *,
    what: tuple[str, ...],
    output: str | None,
    saved: str | None,
    decision: str | None,
    key: str | None,
    no_pdf: bool,
    form: str,
    pack: tuple[str, ...],
    attestations: str | None,
    signers: str | None,
    **options: object,
) -> int:
    """Write MODEL's audit as one file: report, scorecard, evidence, texts, bill of materials, and a manifest.

    `osaudit bundle verify FILE.zip` checks every byte of one and judges its evidence again; --signers names who may
    have signed it. Exit codes then: 0 whole, and judged the same; 1 whole, and another version or other criteria judge
    otherwise, which is told; 3 not as it was written.
    """
    if what[0] == VERIFY:
        if len(what) != 2:  # noqa: PLR2004 - the word and one file
            raise UsageError("name one bundle: osaudit bundle verify FILE.zip")
        if any((output, saved, decision, key, pack, attestations)):
            raise UsageError("`bundle verify` takes --signers and --format alone: it writes nothing")
        return _verify(what[1], signers, form)
    if len(what) != 1:
        raise UsageError(f"one model goes into a bundle, and {len(what)} are named: write a bundle for each")
    if not output or output == "-":
        raise UsageError("name the file that the bundle goes to: -o audit.zip")
    looking = Looking(**options)  # type: ignore[arg-type] # click's values, by the same names
    set_up_log(looking)
    card = _make(what[0], looking, _Wanted(output, saved, decision, key, pdf=not no_pdf), (pack, attestations, signers))
    return 3 if told(f"{card.model}: {one.message}" for one in not_judged(card, Conditions())) else 0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The files that a bundle is made from and goes to."""

    output: str
    saved: str | None
    decision: str | None
    key: str | None
    pdf: bool


def _make(
    model: str, looking: Looking, wanted: _Wanted, asked: tuple[tuple[str, ...], str | None, str | None]
) -> Scorecard:
    from osaudit.bundle.packing import bundle as packed_bundle  # noqa: PLC0415 - help needs none of these
    from osaudit.reading.reread import load_evidence  # noqa: PLC0415
    from osaudit.render.pdf import absent_pdf  # noqa: PLC0415

    packs, attestations, signers = asked
    asking_ = asking(packs, attestations, signers)
    data = read_input(wanted.saved) if wanted.saved else None
    evidence = load_evidence(data, wanted.saved or "") if data is not None else collect_evidence(model, looking)
    if evidence.ref.repo != model.partition("@")[0] and wanted.saved:
        raise UsageError(f"{wanted.saved} is the evidence of {evidence.ref.repo[:200]}, and {model[:200]} is named")
    card = asking_.judge(evidence)
    given = _given(card, wanted, packs, attestations, data)
    save_bytes(Path(wanted.output), packed_bundle(evidence, card, given, Path(wanted.key) if wanted.key else None))
    if not looking.quiet:
        say(f"wrote {wanted.output}", prefix="")
        if wanted.pdf and (why := absent_pdf()):
            say(f"without a PDF: {why}")
    return card


def _given(
    card: Scorecard, wanted: _Wanted, packs: tuple[str, ...], attestations: str | None, data: bytes | None
) -> Given:
    from osaudit.bundle.packing import Given  # noqa: PLC0415 - as above

    decided = decision_on([card], wanted.decision, ()) if wanted.decision else None
    return Given(
        attestations=tuple(_with_signature(attestations)) if attestations else (),
        decision=(read_input(wanted.decision), decided) if wanted.decision and decided else None,
        packs=tuple(_pack(name) for name in _named(card, packs)),
        evidence=data,
        pdf=wanted.pdf,
        max_age=max_age_for([card]),
    )


def _with_signature(attestations: str) -> Iterator[tuple[str, bytes]]:
    for path in (Path(attestations), Path(f"{attestations}.sig")):
        if path.is_file():
            yield path.name, read_input(str(path))


def _named(card: Scorecard, packs: tuple[str, ...]) -> Iterator[str]:
    """The packs as they were named, with the word for all of them written out."""
    from osaudit.packs import pack_ids  # noqa: PLC0415 - as above

    known = iter([name for name in packs if Path(name).is_file()])
    for result in card.packs[1:]:
        yield result.id if result.id in pack_ids() else next(known, result.id)


def _pack(name: str) -> tuple[str, bytes | None]:
    return (Path(name).name, read_input(name)) if Path(name).is_file() else (name, None)


def _verify(file: str, signers: str | None, form: str) -> int:
    from osaudit.bundle.verification import check  # noqa: PLC0415 - help needs none of these

    found = check(read_input(file), Path(file).name, Path(signers) if signers else None)
    if form == "json":
        emit("-", _as_json(file, found))
    else:
        show_lines("\n".join(_as_lines(found)))
    return 1 if found.differences else 0


def _as_json(file: str, found: Checked) -> str:
    from osaudit.render.json import json_text  # noqa: PLC0415 - this format was asked for

    manifest = found.manifest
    return json_text(
        {
            "file": file,
            "model": manifest.model,
            "commit": manifest.commit,
            "tool_version": manifest.tool_version,
            "files": len(manifest.files),
            "left_out": [{"what": what, "why": why} for what, why in manifest.left_out],
            "signature": found.signature,
            "same_tool": found.same_tool,
            "replayed": found.replayed,
            "differences": list(found.differences),
        }
    )


def _as_lines(found: Checked) -> Iterator[str]:
    manifest = found.manifest
    yield f"holds       {len(manifest.files)} files of {manifest.model} at {manifest.commit or 'no commit'}"
    yield f"signature   {found.signature}"
    for what, why in manifest.left_out:
        yield f"left out    {what}: {why}"
    if found.replayed:
        yield "judged      judging its evidence again gives the same scorecard, byte for byte"
        return
    yield f"judged      otherwise than by osaudit {manifest.tool_version} and the criteria that it was made with"
    for words in found.differences:
        yield f"differs     {words}"
