"""The signature beside an attestation file: `FILE.sig`, as `ssh-keygen -Y sign -n osaudit` makes it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from osaudit.errors import OsauditError, UsageError

NAMESPACE = "osaudit"
NOT_SIGNED = "not signed"
SIGNED_BY = "signed by "
_MAX_BYTES = 1024 * 1024
_PATIENCE = 30
_KEY = re.compile(r"with (\S+) key (SHA256:\S+)")


def check_signature(path: Path, data: bytes, signers: Path | None) -> str:
    """Check the signature beside `path` over `data`, the bytes that were read; return how it stands, in words.

    UsageError where a named file cannot be read; OsauditError (exit 3) for a signature that is none of these bytes', or
    of nobody whom the allowed-signers file names.
    """
    signature = path.with_name(f"{path.name}.sig")
    if signers is not None and not _is_readable(signers):
        raise UsageError(f"the allowed-signers file {signers} cannot be read")
    if not os.path.lexists(signature):
        return NOT_SIGNED
    if not _is_readable(signature):
        raise UsageError(f"the signature {signature.name} cannot be read, or is over {_MAX_BYTES // 1024} KB")
    program = shutil.which("ssh-keygen")
    if program is None:
        raise OsauditError(
            f"{signature.name} is there and cannot be checked, because ssh-keygen is not installed: install OpenSSH, "
            "or take the signature away and have the attestations shown as not signed"
        )
    sealed = ["-n", NAMESPACE, "-s", str(signature.absolute())]
    if signers is None:
        said = _run([program, "-Y", "check-novalidate", *sealed], data, signature.name)
        return f"signed with {_key(said)}; whose it is was not checked, for no --signers file was given"
    allowed = ["-f", str(signers.absolute())]
    found = _ask([program, "-Y", "find-principals", *allowed, *sealed[2:]], data, signature.name)
    who = next(iter(found.stdout.decode(errors="replace").splitlines()), "").strip()
    if found.returncode != 0 or not who:
        raise OsauditError(f"{signature.name} is by a key that {signers.name} does not name: nothing is judged by it")
    said = _run([program, "-Y", "verify", *allowed, "-I", who, *sealed], data, signature.name)
    return f"{SIGNED_BY}{who} with {_key(said)}"


def _is_readable(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size <= _MAX_BYTES and os.access(path, os.R_OK)
    except OSError:
        return False


def _key(said: str) -> str:
    found = _KEY.search(said)
    return f"the {found.group(1)} key {found.group(2)}" if found else "a key"


def _run(command: list[str], data: bytes, name: str) -> str:
    done = _ask(command, data, name)
    if done.returncode != 0:
        why = " ".join((done.stderr or done.stdout).decode(errors="replace").split())[:200]
        raise OsauditError(
            f"{name} is no valid signature of the file beside it, so nothing is judged by that ({why}): sign the file "
            f"again with `ssh-keygen -Y sign -n {NAMESPACE} -f KEY FILE`, or take the signature away"
        )
    return done.stdout.decode(errors="replace")


def _ask(command: list[str], data: bytes, name: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - a fixed program; file names are absolute
            command, input=data, capture_output=True, timeout=_PATIENCE, check=False, env={**os.environ, "LC_ALL": "C"}
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OsauditError(f"{name} could not be checked: ssh-keygen did not answer ({error})") from error
