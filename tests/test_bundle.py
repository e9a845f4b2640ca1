"""An audit in one file: the same bytes each time, nothing of it changed unseen, and judged again."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import warnings
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from evidence_builder import evidence_of
from program import osaudit as program

from osaudit import codec
from osaudit.bundle import verification as checking
from osaudit.bundle.archive import packed, unpacked
from osaudit.bundle.manifest import NAME, SIGNATURE, criteria_digest, read_manifest, write_manifest
from osaudit.bundle.packing import Given, bundle
from osaudit.bundle.verification import check
from osaudit.decision import read_decision
from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import Evidence
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.render.pdf import absent_pdf, render_pdf

EVIDENCE = evidence_of({"tag": "mit", "texts": [{"path": "LICENSE", "keys": ["mit"]}]})
NO_PDF = Given(pdf=False)


@cache
def made() -> bytes:
    return bundle(EVIDENCE, judge(EVIDENCE, load_pack(), load_table()), NO_PDF)


def files() -> dict[str, bytes]:
    return unpacked(made(), "a.zip")


def test_the_same_audit_is_the_same_file() -> None:
    assert bundle(EVIDENCE, judge(EVIDENCE, load_pack(), load_table()), NO_PDF) == made()
    assert packed(files()) == made()


def test_a_bundle_holds_what_it_says_and_says_what_it_lacks() -> None:
    found = check(made(), "a.zip")
    assert (found.replayed, found.same_tool, found.differences, found.signature) == (True, True, (), "not signed")
    assert {one.what for one in found.manifest.files} == {"report", "scorecard", "evidence", "bom"}
    assert dict(found.manifest.left_out)["report.pdf"] == "it was not asked for"
    assert "acme/model: LICENSE" in dict(found.manifest.left_out) or "LICENSE" in str(found.manifest.left_out)
    assert zipfile.ZipFile(io.BytesIO(made())).testzip() is None


def test_no_byte_can_change_unseen() -> None:
    whole = made()
    ends = [*range(64), *range(len(whole) - 700, len(whole))]
    start = whole.index(files()[NAME])
    manifest = range(start, start + len(files()[NAME]))
    for at in sorted({*ends, *manifest, *range(0, len(whole), 997)}):
        changed = whole[:at] + bytes([whole[at] ^ 0x01]) + whole[at + 1 :]
        with pytest.raises(OsauditError) as caught:
            check(changed, "a.zip")
        assert caught.value.exit_code == 3
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("cut", [0, 1, 21, 22, 100, -1])
def test_a_part_or_more_than_the_whole_is_no_bundle(cut: int) -> None:
    for data in (made()[:cut], made() + b"x", b"x" + made()):
        with pytest.raises(OsauditError):
            check(data, "a.zip")


def _zip(names: list[str], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that stands there twice
        for name in names:
            archive.writestr(name, b"0" * 4096)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        _zip(["../evil"]),
        _zip(["/etc/passwd"]),
        _zip(["a/../../b"]),
        _zip(["manifest.json", "manifest.json"]),
        _zip(["manifest.json"], zipfile.ZIP_DEFLATED),
        _zip(["C:\\x"]),
        _zip(["manifest.json"]),
        _zip([]),
        b"PK\x05\x06" + b"\xff" * 18,
    ],
)
def test_a_strange_archive_is_refused(data: bytes) -> None:
    with pytest.raises(OsauditError):
        check(data, "a.zip")


def test_a_file_more_or_less_is_told() -> None:
    with pytest.raises(OsauditError, match=r"further\.txt is in the bundle and not in the manifest"):
        check(packed({**files(), "further.txt": b"x"}), "a.zip")
    with pytest.raises(OsauditError, match=r"report\.html is in the manifest and not in the bundle"):
        check(packed({name: data for name, data in files().items() if name != "report.html"}), "a.zip")


def test_a_whole_file_with_another_verdict_is_found_by_judging_again() -> None:
    """Whoever changes the scorecard and computes every digest anew is found as well."""
    inside = files()
    card = json.loads(inside["scorecard.json"])
    card["uses"][0]["answer"] = "no"
    inside["scorecard.json"] = json.dumps(card, ensure_ascii=False, indent=2).encode() + b"\n"
    manifest = read_manifest(inside[NAME], "a.zip")
    lines = tuple(
        replace(one, bytes=len(inside[one.path]), sha256=checking.held(one.path, "", inside[one.path]).sha256)
        for one in manifest.files
    )
    inside[NAME] = write_manifest(replace(manifest, files=lines))
    with pytest.raises(OsauditError, match="gives another scorecard: use evaluate: no -> yes"):
        check(packed(inside), "a.zip")


def test_another_licence_table_is_told_with_what_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    table = load_table()
    mit = table.get("mit")
    assert mit is not None
    fails = tuple(replace(v, v="fail") if v.criterion == 6 else v for v in mit.osd)
    changed = replace(table, by_key={**table.by_key, "mit": replace(mit, osd=fails)})
    monkeypatch.setattr(checking, "load_table", lambda: changed)
    monkeypatch.setattr(checking, "criteria_digest", lambda: "0" * 64)
    found = check(made(), "a.zip")
    assert (found.same_tool, found.replayed) == (False, False)
    assert any(line.startswith("cell OSD-6/licence: pass") for line in found.differences)
    assert "use run: yes -> no" in found.differences


@pytest.mark.parametrize("evidence", [evidence_of(case) for case in [{}, {"gate": "manual", "tag": "llama2"}]])
def test_every_audit_replays(evidence: Evidence) -> None:
    data = bundle(evidence, judge(evidence, load_pack(), load_table()), NO_PDF)
    assert check(data, "a.zip").replayed


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")
def test_a_signature_is_checked(tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "a", "-f", str(key)], check=True)
    card = judge(EVIDENCE, load_pack(), load_table())
    data = bundle(EVIDENCE, card, NO_PDF, key)
    signers = tmp_path / "signers"
    signers.write_text(f"reader@example.org {(tmp_path / 'key.pub').read_text()}")
    assert check(data, "a.zip", signers).signature.startswith("signed by reader@example.org")
    assert check(data, "a.zip").signature.startswith("signed with")
    signers.write_text(signers.read_text().replace("AAAA", "BAAA"))
    with pytest.raises(OsauditError):
        check(data, "a.zip", signers)
    inside = unpacked(data, "a.zip")
    for at in range(len(inside[SIGNATURE])):
        sig = bytearray(inside[SIGNATURE])
        sig[at] ^= 0x01
        with pytest.raises(OsauditError):
            check(packed({**inside, SIGNATURE: bytes(sig)}), "a.zip")
    with pytest.raises(OsauditError, match="is not signed"):
        check(made(), "a.zip", signers)
    with pytest.raises(UsageError):
        bundle(EVIDENCE, card, NO_PDF, tmp_path / "none")


@pytest.mark.skipif(bool(absent_pdf()), reason=absent_pdf() or "none")
def test_the_pdf_is_the_same_each_time_and_short_before_its_annexes(tmp_path: Path) -> None:
    card = judge(EVIDENCE, load_pack(), load_table())
    data = render_pdf(card)
    assert data.startswith(b"%PDF-")
    assert render_pdf(card) == data
    if shutil.which("pdftotext") and shutil.which("pdfinfo"):
        path = tmp_path / "report.pdf"
        path.write_bytes(data)
        told = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
        assert re.search(r"Tagged: +yes", told)
        pages = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout.split("\f")
        annex = next(at for at, page in enumerate(pages) if at and "Annex A: uses in full" in page)
        assert annex <= 8
        assert len(pages) > annex + 1


def test_the_command_writes_and_checks(tmp_path: Path) -> None:
    (tmp_path / "evidence.json").write_text(codec.dump(EVIDENCE), encoding="utf-8")
    model = EVIDENCE.ref.repo
    commit = "c" * 40
    (tmp_path / "decision.yaml").write_text(
        f"model: {model}\ncommit: any\ndecision: refuse\nby: A. Reader\nrole: counsel\n"
        "date: 2026-11-30\nvalid_until: 2027-11-30\n"
    )
    wrote = program(
        *("bundle", model, "--evidence", "evidence.json", "--decision", "decision.yaml", "--no-pdf"),
        *("--pack", "all", "-o", "a.zip"),
        cwd=tmp_path,
    )
    assert (wrote.returncode, wrote.stderr) == (0, "wrote a.zip\n"), commit
    told = program("bundle", "verify", "a.zip", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "judging its evidence again gives the same scorecard, byte for byte" in told.stdout
    whole = bytearray((tmp_path / "a.zip").read_bytes())
    whole[len(whole) // 2] ^= 1
    (tmp_path / "b.zip").write_bytes(whole)
    told = program("bundle", "verify", "b.zip", "--format", "json", cwd=tmp_path)
    assert told.returncode == 3
    assert "Refused" in unpacked((tmp_path / "a.zip").read_bytes(), "a")["report.html"].decode()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("bundle", "verify"), "name one bundle"),
        (("bundle", "verify", "no.zip"), "cannot read no.zip"),
        (("bundle", "a/b", "c/d", "-o", "x.zip"), "one model goes into a bundle"),
        (("bundle", "a/b"), "name the file that the bundle goes to"),
        (("bundle", "verify", "a.zip", "-o", "x"), "writes nothing"),
    ],
)
def test_wrong_usage_is_one_line(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    told = program(*arguments, cwd=tmp_path)
    assert told.returncode == 2
    assert words in told.stderr
    assert len(told.stderr.splitlines()) == 1


BASE = {
    "model": "acme/m",
    "commit": "any",
    "decision": "approve",
    "by": "A",
    "role": "B",
    "date": "2026-11-30",
    "valid_until": "2026-12-01",
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"decision": "maybe"}, r"\$.decision"),
        ({"decision": "approve-with-conditions"}, "conditions"),
        ({"valid_until": "2026-11-29"}, "before its own date"),
        ({"date": "2026-02-31"}, "no day"),
        ({"further": "x"}, "further"),
        ({"uses": ["fly"]}, "'fly' is none of"),
        ({"by": ""}, r"\$.by"),
        ({"commit": "abc"}, r"\$.commit"),
    ],
)
def test_a_decision_that_is_none_is_told_with_its_key(change: dict[str, object], words: str) -> None:
    assert read_decision(json.dumps(BASE).encode(), "d.yaml").word == "approve"
    with pytest.raises(UsageError, match=words):
        read_decision(json.dumps({**BASE, **change}).encode(), "d.yaml")


def test_the_criteria_have_one_digest() -> None:
    assert len(criteria_digest()) == 64
