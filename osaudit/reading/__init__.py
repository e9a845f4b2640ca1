"""From a fetched repository to evidence: front matter, sections, statements, licences, data sets, bases."""

from __future__ import annotations

from osaudit.reading.whole import read_snapshot

__all__ = ["read_snapshot"]
