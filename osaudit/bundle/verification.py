"""Whether a bundle is whole, who signed it, and whether judging its evidence again gives its scorecard."""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from osaudit import __version__
from osaudit.attest.entries import Attestations, read_attestations
from osaudit.attest.signature import NOT_SIGNED, check_signature
from osaudit.bundle.archive import unpacked
from osaudit.bundle.manifest import NAME, SIGNATURE, Manifest, criteria_digest, held, read_manifest
from osaudit.bundle.packing import EVIDENCE, REPORT, SCORECARD
from osaudit.compare import changes
from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import Evidence
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_packs
from osaudit.reading.reread import load_evidence
from osaudit.render.json import render_json
from osaudit.render.jsonread import scorecards_from_json
from osaudit.verdict import Scorecard

_LINE = 70  # characters of base64, in what ssh-keygen writes
_HEAD, _FOOT = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"


@dataclass(frozen=True, slots=True)
class Checked:
    """What holds of a bundle, how its signature stands, and what today's judgment gives otherwise (empty: the same).

    `same_tool`: version and criteria are those that the bundle was made with.
    """

    manifest: Manifest
    signature: str
    same_tool: bool
    replayed: bool
    differences: tuple[str, ...]


def check(data: bytes, name: str, signers: Path | None = None) -> Checked:
    """Check every byte of a bundle and judge its evidence again; OsauditError where it is not as it was written.

    UsageError where the file of allowed signers cannot be read.
    """
    files = unpacked(data, name)
    if NAME not in files:
        raise OsauditError(f"{name} is no bundle: there is no {NAME} in it")
    manifest = read_manifest(files[NAME], name)
    _hold(files, manifest, name)
    signature = _signature(files, name, signers)
    same = manifest.tool_version == __version__ and manifest.criteria_sha256 == criteria_digest()
    again, found = _replayed(files, manifest, name)
    before = files[SCORECARD]
    equal = render_json([again]).encode() == before
    if equal:
        return Checked(manifest, signature, same, replayed=True, differences=())
    if same:
        raise OsauditError(
            f"{name}: judging its evidence again, with the same version and criteria, gives another scorecard: "
            f"{'; '.join(_told(before, again, found)) or 'its words differ'}"
        )
    differences = tuple(_told(before, again, found)) or (
        "words alone differ: label, cells, uses and licences are the same",
    )
    return Checked(manifest, signature, same_tool=False, replayed=False, differences=differences)


def _hold(files: Mapping[str, bytes], manifest: Manifest, name: str) -> None:
    listed = {one.path: one for one in manifest.files}
    there = set(files) - {NAME, SIGNATURE}
    if missing := sorted(set(listed) - there):
        raise OsauditError(f"{name}: {missing[0]} is in the manifest and not in the bundle")
    if further := sorted(there - set(listed)):
        raise OsauditError(f"{name}: {further[0]} is in the bundle and not in the manifest")
    for path in sorted(listed):
        if held(path, listed[path].what, files[path]) != listed[path]:
            raise OsauditError(f"{name}: {path} was changed: its sha256 is not the manifest's")
    if absent := [path for path in (EVIDENCE, SCORECARD, REPORT) if path not in files]:
        raise OsauditError(f"{name} is no whole bundle: {absent[0]} is not in it")


def _signature(files: Mapping[str, bytes], name: str, signers: Path | None) -> str:
    signature = files.get(SIGNATURE)
    if signature is None:
        if signers is not None:
            raise OsauditError(f"{name} is not signed, and --signers asks whose signature it is")
        return NOT_SIGNED
    if not _is_canonical(signature):
        raise OsauditError(f"{name}: the signature was changed: it is not as ssh-keygen writes one")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        path.with_name(SIGNATURE).write_bytes(signature)
        try:
            return check_signature(path, files[NAME], signers)
        except UsageError:
            raise
        except OsauditError as error:
            raise OsauditError(f"{name}: the signature does not hold: {error}") from error


def _is_canonical(signature: bytes) -> bool:
    """Whether the armour is the one that ssh-keygen writes: no other bytes stand for the same signature."""
    try:
        head, *body, foot = signature.decode("ascii").splitlines()
        raw = base64.b64decode("".join(body), validate=True)
    except (ValueError, binascii.Error):
        return False
    text = base64.b64encode(raw).decode()
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return (head, foot) == (_HEAD, _FOOT) and "\n".join([_HEAD, *lines, _FOOT, ""]).encode() == signature


def _replayed(files: Mapping[str, bytes], manifest: Manifest, name: str) -> tuple[Scorecard, Evidence]:
    try:
        evidence = load_evidence(files[EVIDENCE], f"{name}: {EVIDENCE}")
        (card,) = scorecards_from_json(files[SCORECARD].decode())
        with tempfile.TemporaryDirectory() as folder:
            main, further = load_packs(tuple(_named(one, files, Path(folder)) for one in manifest.packs))
        return judge(evidence, main, load_table(), further, _given(files, card)), evidence
    except UsageError as error:  # of a file in the bundle, and no wrong usage
        raise OsauditError(f"{name}: it cannot be judged again: {error}") from error
    except ValueError as error:
        raise OsauditError(f"{name}: {SCORECARD} holds another number of scorecards than one") from error


def _named(pack: str, files: Mapping[str, bytes], folder: Path) -> str:
    """A pack's id, or a file of the bundle, for as long as it is read."""
    if pack not in files:
        return pack
    path = folder / Path(pack).name
    path.write_bytes(files[pack])
    return str(path)


def _given(files: Mapping[str, bytes], card: Scorecard) -> Attestations | None:
    by = card.attestations
    if by is None:
        return None
    found = {
        name: data for name, data in files.items() if name.startswith("attestations/") and not name.endswith(".sig")
    }
    if len(found) != 1:
        raise UsageError("the attestations that it was judged with are not in it")
    entries = read_attestations(next(iter(found.values())), by.file)
    return Attestations(entries, by.file, by.sha256, by.signature, by.as_of)


def _told(before: bytes, again: Scorecard, evidence: Evidence) -> Iterator[str]:
    """Say what is judged otherwise: label, licences, cells, and the answers for uses."""
    (card,) = scorecards_from_json(before.decode())
    for change in changes((evidence, card), (evidence, again)):
        yield f"{change.kind} {change.subject}: {change.before} -> {change.after}"
    answers = {one.use: one.answer for one in again.uses}
    for use in card.uses:
        if answers.get(use.use) != use.answer:
            yield f"use {use.use}: {use.answer} -> {answers.get(use.use, 'not asked')}"
