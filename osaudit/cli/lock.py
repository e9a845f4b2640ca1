"""`osaudit lock`: write which commit of each model was judged, on which evidence, with which result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from osaudit.audit import Run, collect_evidence
from osaudit.cli.adopting import (
    ADOPTED_OPTIONS,
    EVIDENCE,
    LOCK,
    POLICY_OPTIONS,
    adding,
    adopted,
    asked_for,
    files_for,
    policy_in_force,
    today,
)
from osaudit.cli.looking import Looking, hub_options_without_revision, linked_options, set_up_log
from osaudit.cli.many import audit_all
from osaudit.cli.output import emit, save
from osaudit.cli.saying import say
from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import Evidence

if TYPE_CHECKING:
    from osaudit.gate.findings import Adoption
    from osaudit.gate.lock import Locked


@click.command()
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@adding(*ADOPTED_OPTIONS, *POLICY_OPTIONS)
@click.option("-o", "--output", "lock_file", default=LOCK, show_default=True, metavar="FILE", help="The lock file.")
@click.option("--evidence", metavar="FOLDER", help="Save the evidence there as well, for a gate without the network.")
@click.option("--prune", is_flag=True, help="Take out the models that were not named, listed or scanned.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where the lock would change.")
@linked_options
@hub_options_without_revision
def lock(  # noqa: PLR0913 - a table of options
    *,
    models: tuple[str, ...],
    lists: tuple[str, ...],
    scanned: tuple[str, ...],
    changed_since: str | None,
    policy_named: str | None,
    no_conditions: bool,
    adopter_file: str | None,
    trust: str | None,
    lock_file: str,
    evidence: str | None,
    prune: bool,
    check: bool,
    **options: object,
) -> int:
    """Judge models and write osaudit.lock; say what changed in licence, label and uses since the last time.

    Without models, those that the lock holds are judged anew. `osaudit gate --locked` holds a project to the file.
    """
    from osaudit.gate.lock import locked, write_lock  # noqa: PLC0415 - help does without

    looking = Looking(**options)  # type: ignore[arg-type] # click's values, by the same names
    set_up_log(looking)
    files = files_for(trust)
    no_policy = no_conditions or not (policy_named or _has_policy())
    policy = policy_in_force(policy_named, files, no_conditions=no_policy)
    asked, _ = asked_for(policy, adopter_file, files, None)
    before = _before(lock_file)
    found, _ = adopted(models, lists, scanned, changed_since, policy)
    named = bool(models or lists or scanned)
    wanted = found if named else _again(before)
    if not wanted:
        raise UsageError(f"{lock_file} holds no model yet: name models, a list (-r FILE), or a code base (--scan PATH)")
    seen: dict[str, Evidence] = {}

    def see(adoption: Adoption, run: Run) -> Evidence:
        how = looking if adoption.revision is None else _at(looking, adoption.revision)
        got = collect_evidence(adoption.model, how, run)
        seen[adoption.name] = got
        return got

    cards, failures = audit_all(wanted, lambda one: one.name, see, asked, quiet=looking.quiet)
    judged = {one.name: card for one, card in zip(_judged(wanted, {f.model for f in failures}), cards, strict=True)}
    rows = [locked(judged[o.name], o, policy.sha256, today()) for o in wanted if o.name in judged]
    after = rows + _kept(before, rows, failing={f.model for f in failures}, prune=prune and named)
    changed = _tell(before, after, quiet=looking.quiet)
    if not check:
        _save_evidence(seen, rows, evidence, looking)
        text = write_lock(after)
        if lock_file == "-":
            emit("-", text)
        elif changed or (after and not Path(lock_file).exists()):
            save(Path(lock_file), text)
    return 3 if failures else int(check and changed)


def _has_policy() -> bool:
    from osaudit.cli.used import settings_used  # noqa: PLC0415 - help does without

    return bool(settings_used().table("gate"))


def _at(looking: Looking, revision: str) -> Looking:
    from dataclasses import replace  # noqa: PLC0415 - one of two

    return replace(looking, revision=revision)


def _before(lock_file: str) -> tuple[Locked, ...]:
    from osaudit.gate.lock import MAX_BYTES, read_lock  # noqa: PLC0415 - help needs neither
    from osaudit.yamlfile import read_bytes  # noqa: PLC0415

    path = Path(lock_file)
    return read_lock(read_bytes(path, MAX_BYTES), lock_file) if lock_file != "-" and path.is_file() else ()


def _again(rows: tuple[Locked, ...]) -> tuple[Adoption, ...]:
    from osaudit.gate.findings import Adoption  # noqa: PLC0415 - help does without

    return tuple(Adoption(row.id, row.revision) for row in rows)


def _judged(wanted: tuple[Adoption, ...], failed: set[str]) -> list[Adoption]:
    return [one for one in wanted if one.name not in failed]


def _kept(before: tuple[Locked, ...], rows: list[Locked], *, failing: set[str], prune: bool) -> list[Locked]:
    """What the lock holds besides: a model that could not be judged now stays as it was locked."""
    new = {row.name for row in rows}
    return [row for row in before if row.name not in new and (not prune or row.name in failing)]


def _tell(before: tuple[Locked, ...], after: list[Locked], *, quiet: bool) -> bool:
    """Say what changed; whether anything did, days and versions aside."""
    from osaudit.gate.lock import changes  # noqa: PLC0415 - help does without

    was, now = {row.name: row for row in before}, {row.name: row for row in after}
    lines = [f"+ {name}: {row.label}, {row.licence or 'no licence'}" for name, row in now.items() if name not in was]
    lines += [f"- {name}" for name in was if name not in now]
    lines += [f"{name}: {words}" for name, row in now.items() if name in was for words in changes(was[name], row)]
    for line in lines if not quiet else ():
        say(line, prefix="")
    if not lines and not quiet:
        say("nothing changed since these models were locked", prefix="")
    return bool(lines)


def _save_evidence(seen: dict[str, Evidence], rows: list[Locked], named: str | None, looking: Looking) -> None:
    """Save the evidence under its digest, in the cache and where it was asked for."""
    from osaudit.sources.saved import SavedEvidence  # noqa: PLC0415 - help needs neither
    from osaudit.sources.store import default_root  # noqa: PLC0415

    wanted = {row.evidence for row in rows}
    for evidence in seen.values():
        if named and SavedEvidence(Path(named)).save(evidence) not in wanted:
            raise OsauditError("the evidence changed while it was saved: lock it anew")
        if not looking.no_cache:
            SavedEvidence(default_root() / EVIDENCE).save(evidence)
