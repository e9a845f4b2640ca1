"""Which attestations count in a gate: by default those of a known person's signed file, each for one commit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from osaudit.attest.entries import ANY_COMMIT, Attestation, Attestations
from osaudit.attest.signature import SIGNED_BY
from osaudit.gate.findings import GateFinding
from osaudit.gate.policy import Policy

RULE = "attestation.not-counted"


def counted(given: Attestations | None, policy: Policy) -> tuple[Attestations | None, tuple[GateFinding, ...]]:
    """The attestations that a policy lets count, and a warning for those that it does not."""
    if given is None:
        return None, ()
    left = tuple(entry for entry in given.entries if not _why_not(entry, given, policy))
    return replace(given, entries=left) if left else None, tuple(_told(given, policy))


def _told(given: Attestations, policy: Policy) -> Iterable[GateFinding]:
    for entry in given.entries:
        why = _why_not(entry, given, policy)
        if why:
            words = f"the attestation {entry.id} of {entry.cell} for {entry.model} does not count: {why}"
            yield GateFinding(RULE, "warning", words)


def _why_not(entry: Attestation, given: Attestations, policy: Policy) -> str:
    """Why an entry does not count; empty where it does."""
    if policy.attested == "none":
        return "the policy takes no attestation (attested)"
    if policy.attested == "signed" and not given.signature.startswith(SIGNED_BY):
        return f"{given.file} is {given.signature}, and the policy asks for a known person's signature (attested)"
    if entry.commit == ANY_COMMIT and not policy.any_commit:
        return "it is for whatever commit, which the policy does not take (attested-any-commit)"
    return ""
