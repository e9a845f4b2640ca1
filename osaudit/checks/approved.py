"""Whether terms are known, uncontradicted and OSI-approved as a whole."""

from __future__ import annotations

from osaudit.checks.ruling import names_approved
from osaudit.checks.terms import Terms


def is_approved(terms: Terms) -> bool:
    """Whether every licence that governs is on OSI's list, and no source, text or file that was not read says else."""
    agreed = all(names_approved(rival, terms) for rival in terms.rivals) and not terms.unread
    known = terms.state in {"read", "declared", "joint", "several"}
    return bool(terms.licences) and all(licence.osi.approved for licence in terms.licences) and agreed and known
