"""From evidence and scorecard to the files of a bundle."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from osaudit import __version__, codec
from osaudit.attest.signature import NAMESPACE
from osaudit.bom import WRITERS
from osaudit.bom.content import describe
from osaudit.bundle.archive import packed
from osaudit.bundle.manifest import NAME, SIGNATURE, Held, Manifest, criteria_digest, held, write_manifest
from osaudit.decision import Decision
from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import Evidence, LicenceText, Seen
from osaudit.licences.table import load_table
from osaudit.render.html import render_html
from osaudit.render.json import render_json
from osaudit.render.pdf import absent_pdf, render_pdf
from osaudit.verdict import Scorecard

SCORECARD, EVIDENCE, REPORT, PDF, BOM = "scorecard.json", "evidence.json", "report.html", "report.pdf", "bom.cdx.json"
_FORM = "cyclonedx-1.6"
_PATIENCE = 60
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Given:
    """What stands beside the audit: files as they were read, and the packs asked for; `evidence` as it was saved."""

    attestations: tuple[tuple[str, bytes], ...] = ()
    decision: tuple[bytes, Decision] | None = None
    packs: tuple[tuple[str, bytes | None], ...] = ()
    evidence: bytes | None = None
    pdf: bool = True
    max_age: int | None = None
    """Days after which the evidence has to be looked at again."""


def bundle(evidence: Evidence, card: Scorecard, given: Given, key: Path | None = None) -> bytes:
    """Return the archive of an audit; signed with `key` where one is given. OsauditError where that cannot be done."""
    decision = given.decision[1] if given.decision else None
    files: dict[str, tuple[str, bytes]] = {
        SCORECARD: ("scorecard", render_json([card]).encode()),
        EVIDENCE: ("evidence", given.evidence or codec.dump(evidence).encode()),
        REPORT: ("report", render_html([card], decision, given.max_age).encode()),
        BOM: ("bom", WRITERS[_FORM](describe(evidence, card, load_table(), None)).encode()),
    }
    left_out = []
    if why := absent_pdf() if given.pdf else "it was not asked for":
        left_out.append((PDF, why))
    else:
        files[PDF] = ("report", render_pdf(card, decision, given.max_age))
    files |= dict(_texts(evidence))
    left_out += list(_not_kept(evidence))
    files |= {f"attestations/{_safe(name)}": (_what(name), data) for name, data in given.attestations}
    if given.decision:
        files["decision.yaml"] = ("decision", given.decision[0])
    packs = [
        (name if data is None else f"packs/{at}-{_safe(name)}", data) for at, (name, data) in enumerate(given.packs)
    ]
    files |= {name: ("pack", data) for name, data in packs if data is not None}
    manifest = write_manifest(
        Manifest(
            tool_version=__version__,
            criteria_sha256=criteria_digest(),
            model=card.model,
            commit=card.commit,
            evidence_sha256=card.evidence_sha256,
            packs=tuple(name for name, _ in packs),
            files=tuple(_lines(files)),
            left_out=tuple(left_out),
        )
    )
    whole = {NAME: manifest, **{name: data for name, (_, data) in files.items()}}
    return packed({**whole, SIGNATURE: sign(manifest, key)} if key else whole)


def _lines(files: Mapping[str, tuple[str, bytes]]) -> Iterator[Held]:
    for name in sorted(files):
        yield held(name, *files[name])


def _what(name: str) -> str:
    return "signature" if name.endswith(".sig") else "attestations"


def _safe(name: str) -> str:
    return _NOT_A_NAME.sub("_", name).lstrip("._-")[:120] or "file"


def _every_text(evidence: Evidence) -> Iterator[LicenceText]:
    yield from evidence.licence_texts
    for base in evidence.bases:
        if isinstance(base.evidence, Seen):
            yield from _every_text(base.evidence.value)


def _texts(evidence: Evidence) -> Iterator[tuple[str, tuple[str, bytes]]]:
    """The texts of licences and policies that were read, of the model and of those that it was made from."""
    kept = [(text, text.text.value) for text in _every_text(evidence) if isinstance(text.text, Seen)]
    for at, (text, words) in enumerate({(t.where.repo, t.where.path, w): (t, w) for t, w in kept}.values()):
        name = f"texts/{at:02d}-{_safe(text.where.repo)}-{_safe(text.where.path)}.txt"
        yield name, ("text", words.encode(errors="surrogatepass"))


def _not_kept(evidence: Evidence) -> Iterator[tuple[str, str]]:
    for text in _every_text(evidence):
        if not isinstance(text.text, Seen):
            yield f"{text.where.repo}: {text.where.path}"[:500], "the evidence keeps this text by its hash alone"


def sign(data: bytes, key: Path) -> bytes:
    """Sign bytes with `ssh-keygen -Y sign`; UsageError for a key that cannot be read, OsauditError where it fails."""
    program = shutil.which("ssh-keygen")
    if program is None:
        raise OsauditError("the bundle cannot be signed, because ssh-keygen is not installed: install OpenSSH")
    if not key.is_file():
        raise UsageError(f"the key {key} cannot be read")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        path.write_bytes(data)
        command = [program, "-Y", "sign", "-n", NAMESPACE, "-f", str(key.absolute()), str(path)]
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program; file names are absolute
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise OsauditError(f"the bundle could not be signed: ssh-keygen did not answer ({error})") from error
        signature = path.with_name(SIGNATURE)
        if done.returncode != 0 or not signature.is_file():
            why = " ".join(done.stderr.decode(errors="replace").split())[:200]
            raise OsauditError(f"the bundle could not be signed ({why}): name a private key of your own with --key")
        return signature.read_bytes()
