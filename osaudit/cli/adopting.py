"""What `gate`, `lock` and `policy` share: the policy in force, and the files beside it, as they count."""

from __future__ import annotations

import functools
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from osaudit.audit import Asking, asking, now
from osaudit.cli.settings import OWN_FILE
from osaudit.cli.used import settings_used
from osaudit.errors import UsageError, meant

if TYPE_CHECKING:
    from osaudit.attest.entries import Attestations
    from osaudit.cli.settings import Settings
    from osaudit.gate.findings import Adoption, GateFinding, Place, Severity
    from osaudit.gate.lock import Locked
    from osaudit.gate.policy import Policy
    from osaudit.gate.scan import Spot
    from osaudit.gate.trusted import Trusted
    from osaudit.gate.waivers import Waiver

LIST = "list of models, one a line"
WAIVERS, LOCK, EVIDENCE = "osaudit-waivers.yaml", "osaudit.lock", "evidence"

POLICY_OPTIONS: tuple[Callable[[Callable[..., object]], Callable[..., object]], ...] = (
    click.option(
        "--policy",
        "policy_named",
        metavar="FILE",
        help="A TOML file with a [gate] table, or osi-strict, commercial-use, research; else that of the settings.",
    ),
    click.option("--no-conditions", is_flag=True, help="Ask for nothing: what could not be judged alone fails."),
    click.option("--as", "adopter_file", metavar="FILE", help="Who adopts, as YAML, in place of the policy's adopter."),
    click.option(
        "--trust",
        metavar="REV",
        help="Read policy, adopter, waivers, attestations, baseline and lock as they stand at this commit.",
    ),
)
ADOPTED_OPTIONS: tuple[Callable[[Callable[..., object]], Callable[..., object]], ...] = (
    click.option("-r", "--requirement", "lists", multiple=True, metavar="FILE", help="A list of models, one a line."),
    click.option("--scan", "scanned", multiple=True, metavar="PATH", help="A code base: the models that it loads."),
    click.option(
        "--changed-since", metavar="REV", help="With --scan: only models that were added or moved since this commit."
    ),
)


def adding(*options: Callable[[Callable[..., object]], Callable[..., object]]) -> Callable[..., Callable[..., object]]:
    """Add options to a command."""

    def add(command: Callable[..., object]) -> Callable[..., object]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@dataclass(slots=True)
class Files:
    """The files beside the policy: read as they stand, or as they stand at a commit that is trusted."""

    trust: Trusted | None = None
    changed: tuple[GateFinding, ...] = ()

    def read(self, path: Path, reads: Callable[[bytes], object] | None = None) -> bytes | None:
        """Give a file's bytes as they count; None where there is none.

        `reads` raises UsageError for bytes that are none of the kind: a change to such is told as one that fails, for
        nothing could be judged by it once it is merged.
        """
        from osaudit.yamlfile import read_bytes  # noqa: PLC0415 - help does without

        here = read_bytes(path) if path.is_file() else None
        if self.trust is None:
            return here
        there = self.trust.read(path)
        if here != there:
            words = f"{path.name} is not what stands at {self.trust.asked}, and what stands there counts"
            wrong = _wrong(here, reads)
            self.tell(f"{words}; as changed it does not read: {wrong}" if wrong else words, path, fails=bool(wrong))
        return there

    def tell(self, words: str, path: Path, *, fails: bool) -> None:
        """Tell of a change to a file that is read at the trusted commit."""
        from osaudit.gate.findings import GateFinding  # noqa: PLC0415 - help does without

        severity: Severity = "error" if fails else "warning"
        named = re.search(r", line (\d+): ", words) if fails else None
        place = replace(file_place(path), line=int(named[1]) if named else 1)
        self.changed = (*self.changed, GateFinding("trust.changed", severity, words, at=place))

    def named(self, path: Path, what: str, reads: Callable[[bytes], object] | None = None) -> bytes:
        """Give the bytes of a file that the user names; UsageError where there is none."""
        data = self.read(path, reads)
        if data is None:
            at = f" at {self.trust.asked}" if self.trust else ""
            raise UsageError(f"the {what} {path} is not there{at}: name another")
        return data


def _wrong(data: bytes | None, reads: Callable[[bytes], object] | None) -> str:
    """Say what is wrong with bytes; nothing where they read."""
    try:
        if data is not None and reads is not None:
            reads(data)
    except UsageError as error:
        return str(error)
    return ""


def files_for(trust: str | None) -> Files:
    """Set up the reading of files, at a commit where one is named."""
    from osaudit.gate.trusted import trusted  # noqa: PLC0415 - few ask for it

    return Files(trusted(trust, Path.cwd())) if trust else Files()


def policy_in_force(named: str | None, files: Files, *, no_conditions: bool) -> Policy:
    """Find the policy: the one named, else the settings'; UsageError where none is, or where it asks for nothing."""
    from osaudit.gate.policy import READY, Policy, parse_policy, ready_made  # noqa: PLC0415 - help needs none of these

    if no_conditions:
        if named:
            raise UsageError("--no-conditions asks for nothing, and --policy names conditions: leave one of them out")
        return Policy("none", {"unpinned": "ignore"})
    if named in READY:
        policy = ready_made(str(named))
    elif named:
        path = Path(named).expanduser()
        if files.trust is None and not path.is_file():
            near = meant(named, READY) or f": name a TOML file, or one of {', '.join(READY)}"
            raise UsageError(f"no policy {named[:100]!r} is there{near}")
        parse = functools.partial(parse_policy, name=named, project=path.name == "pyproject.toml")
        policy = parse(files.named(path, "policy", parse))
    else:
        policy = _of_settings(files)
    if not policy.demands:
        raise UsageError(f"{policy.source} asks for nothing: write a condition, such as min-label, or --no-conditions")
    used = settings_used()
    if files.trust and used.broken and all(one.severity != "error" for one in files.changed):
        words = f"the settings here do not read, and those at {files.trust.asked} count: {used.broken}"
        files.tell(words, used.file or Path(OWN_FILE), fails=True)
    return policy


def _of_settings(files: Files) -> Policy:
    settings = settings_used() if files.trust is None else _settings_at(files)
    if not settings.table("gate"):
        at = f" at {files.trust.asked}" if files.trust else ""
        raise UsageError(
            f"no policy is there{at}: write one with `osaudit policy init`, name one with --policy FILE (osi-strict, "
            "commercial-use, research), or ask for nothing with --no-conditions"
        )
    return _policy_in(settings)


def _policy_in(settings: Settings) -> Policy:
    """Read the `[gate]` table of settings."""
    from osaudit.gate.policy import policy_of  # noqa: PLC0415 - help does without
    from osaudit.tomlfile import TomlFile  # noqa: PLC0415

    file = TomlFile(settings.name, settings.text, (*settings.prefix, "gate"))
    return policy_of(settings.table("gate"), file)


def _settings_at(files: Files) -> Settings:
    """The settings file that the user names, or the nearest with a policy, as it stands at the trusted commit."""
    from osaudit.cli.settings import NONE, PROJECT_FILE, parsed  # noqa: PLC0415 - few ask for it

    used = settings_used()
    if files.trust is None:
        return NONE
    if used.named and used.file is not None:
        return parsed(used.file, files.named(used.file, "settings file", _policy_reader(used.file)))
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if not folder.is_relative_to(files.trust.top):
            break
        for name in (OWN_FILE, PROJECT_FILE):
            data = files.read(folder / name, _policy_reader(folder / name))
            found = parsed(folder / name, data) if data is not None else None
            if found and found.table("gate"):
                return found
    return NONE


def _policy_reader(path: Path) -> Callable[[bytes], object]:
    from osaudit.cli.settings import parsed  # noqa: PLC0415 - few ask for it

    return lambda data: _policy_in(parsed(path, data))


def waivers_for(
    named: str | None, signers: str | None, files: Files
) -> tuple[tuple[Waiver, ...], tuple[GateFinding, ...]]:
    """Read the waivers: the file named, else osaudit-waivers.yaml of the working folder where it is there.

    The second value tells how the file is signed, where it is or where signers are named; OsauditError for a signature
    that is none of these bytes'.
    """
    from osaudit.attest.signature import NOT_SIGNED, check_signature  # noqa: PLC0415 - help needs none of these
    from osaudit.gate.findings import GateFinding  # noqa: PLC0415
    from osaudit.gate.waivers import read_waivers  # noqa: PLC0415

    path = Path(named) if named else Path(WAIVERS)
    parse = functools.partial(read_waivers, name=str(path))
    data = files.named(path, "waiver file", parse) if named else files.read(path, parse)
    if data is None:
        return (), ()
    with _staged(path, data, signers, files) as (file, keys):
        signature = check_signature(file, data, keys)
    found = parse(data)
    if signature == NOT_SIGNED and not signers:
        return found, ()
    severity: Severity = "warning" if signature == NOT_SIGNED else "note"
    return found, (GateFinding("waiver.signature", severity, f"{path.name} is {signature}", at=file_place(path)),)


@contextmanager
def _staged(path: Path, data: bytes, signers: str | None, files: Files) -> Iterator[tuple[Path, Path | None]]:
    """A file with its signature and the allowed signers as they count: side by side, at the commit that is trusted."""
    if files.trust is None:
        yield path, Path(signers) if signers else None
        return
    beside = path.with_name(f"{path.name}.sig")
    with tempfile.TemporaryDirectory(prefix="osaudit-") as folder:
        staged = Path(folder, path.name)
        staged.write_bytes(data)
        seal = files.read(beside)
        if seal is not None:
            staged.with_name(beside.name).write_bytes(seal)
        keys = Path(folder, "signers") if signers else None
        if keys and signers:
            keys.write_bytes(files.named(Path(signers), "allowed-signers file"))
        yield staged, keys


def lock_for(named: str | None, files: Files) -> tuple[Locked, ...]:
    """Read the lock file, `osaudit.lock` where none is named; UsageError where there is none."""
    from osaudit.gate.lock import read_lock  # noqa: PLC0415 - help does without

    path = Path(named or LOCK)
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name the lock file in it")
    parse = functools.partial(read_lock, name=str(path))
    data = files.read(path, parse)
    if data is None:
        raise UsageError(f"{path} is not there: write it with `osaudit lock MODEL...`, and commit it")
    return parse(data)


def given_for(attestations: str | None, signers: str | None, files: Files) -> Attestations | None:
    """Read the attestations, with signature and signers, as they count."""
    from osaudit.cli.asking import read_given  # noqa: PLC0415 - help does without

    if attestations is None:
        return None
    if files.trust is None:
        return read_given(attestations, signers)
    path = Path(attestations)
    with _staged(path, files.named(path, "attestation file"), signers, files) as (file, keys):
        return read_given(str(file), str(keys) if keys else None)


def asked_for(
    policy: Policy, adopter_file: str | None, files: Files, given: Attestations | None
) -> tuple[Asking, tuple[GateFinding, ...]]:
    """What is asked under a policy, with the attestations that it lets count."""
    from osaudit.adopter import adopter_from  # noqa: PLC0415 - help needs none of these
    from osaudit.gate.attested import counted  # noqa: PLC0415
    from osaudit.yamlfile import parse_yaml  # noqa: PLC0415

    left, told = counted(given, policy)
    adopter = policy.adopter
    if adopter_file:
        path = Path(adopter_file)
        adopter = adopter_from(parse_yaml(files.named(path, "adopter's file"), path.name), path.name)
    return asking(policy.packs, given=left, adopter=adopter), told


def adopted(
    models: Iterable[str], lists: Iterable[str], scanned: Iterable[str], changed_since: str | None, policy: Policy
) -> tuple[tuple[Adoption, ...], tuple[GateFinding, ...]]:
    """Collect what is adopted: models named, listed (`-` is standard input), and loaded by code bases.

    The second value tells of places that load what could not be told.
    """
    from osaudit.cli.stages import decoded  # noqa: PLC0415 - help needs none of these
    from osaudit.gate.listed import adoption_of, listed_in  # noqa: PLC0415
    from osaudit.gate.running import merged  # noqa: PLC0415

    if changed_since and not scanned:
        raise UsageError("--changed-since is about the code that --scan PATH reads: name it, or leave this out")
    found: list[Adoption] = []
    open_: list[GateFinding] = []
    for named in models:
        found += listed_in(decoded("-", LIST), "") if named == "-" else [adoption_of(named)]
    for name in lists:
        found += listed_in(decoded(name, LIST), "" if name == "-" else name)
    for root in scanned:
        adoptions, findings = _loaded_by(root, changed_since, policy)
        found += adoptions
        open_ += findings
    return merged(found), tuple(open_)


def _loaded_by(root: str, changed_since: str | None, policy: Policy) -> tuple[list[Adoption], list[GateFinding]]:
    from osaudit.gate.conditions import SEVERITY  # noqa: PLC0415 - help needs none of these
    from osaudit.gate.findings import Adoption, GateFinding  # noqa: PLC0415
    from osaudit.gate.scan import scan  # noqa: PLC0415

    seen = scan(Path(root), changed_since=changed_since)
    top = Path(root) if Path(root).is_dir() else Path(root).parent
    found = [
        Adoption(one.model, one.revision, (_place(top, one.spot, one.how, pinned=one.pinned),))
        for one in seen.found
        if one.kind == "model"
    ]
    severity = SEVERITY[policy.conditions.unresolved]
    told = [
        GateFinding(
            "unresolved",
            severity,
            f"{_at(top, one.spot)} loads what could not be told ({one.how}): {one.why}",
            at=_place(top, one.spot, one.how, pinned=False),
        )
        for one in seen.unresolved
    ]
    told += [_not_read(top / one.path, f"was not read: {one.why}", severity) for one in seen.unread]
    told += [_not_read(top / one.path, f"was left out: {one.why}", "note") for one in seen.left_out]
    return found, told


def _not_read(path: Path, words: str, severity: Severity) -> GateFinding:
    from osaudit.gate.findings import GateFinding, Place  # noqa: PLC0415 - help needs neither

    return GateFinding("unresolved", severity, f"{path.as_posix()} {words}", at=Place(path.as_posix(), 1))


def file_place(path: Path) -> Place:
    """A whole file of the project as a place: by its path from the working folder, where it lies below."""
    from osaudit.gate.findings import Place  # noqa: PLC0415 - help does without

    whole, here = path.absolute(), Path.cwd()
    return Place((whole.relative_to(here) if whole.is_relative_to(here) else path).as_posix(), 1)


def _place(top: Path, spot: Spot, how: str, *, pinned: bool) -> Place:
    from osaudit.gate.findings import Place  # noqa: PLC0415 - help does without

    return Place((top / spot.path).as_posix(), spot.line, spot.column, how, pinned)


def _at(top: Path, spot: Spot) -> str:
    return f"{(top / spot.path).as_posix()}:{spot.line}"


def today() -> str:
    """The ISO 8601 day."""
    return now()[:10]
