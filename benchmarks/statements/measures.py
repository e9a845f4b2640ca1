"""Measures of reading: pure functions of pairs (read, labelled)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

Pair = tuple[str, str]
Z95 = 1.959964  # of the normal distribution, for an interval of 95 %


def wilson(hits: int, of: int) -> tuple[float, float] | None:
    """Wilson's interval of 95 % for a share; None where there is nothing to share."""
    if not of:
        return None
    share, squared = hits / of, Z95**2
    middle = share + squared / (2 * of)
    half = Z95 * math.sqrt(share * (1 - share) / of + squared / (4 * of**2))
    low, high = ((middle + sign * half) / (1 + squared / of) for sign in (-1, 1))
    return round(max(0.0, low), 4), round(min(1.0, high), 4)


def share(hits: int, of: int) -> dict[str, Any]:
    """A share with its counts and its interval."""
    return {"hits": hits, "of": of, "share": round(hits / of, 4) if of else None, "interval": wilson(hits, of)}


def per_label(pairs: Sequence[Pair], labels: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Precision (of what was read so) and recall (of what is labelled so), a label at a time."""
    both = Counter(pairs)
    read, told = Counter(ours for ours, _ in pairs), Counter(theirs for _, theirs in pairs)
    return {
        label: {
            "precision": share(both[label, label], read[label]),
            "recall": share(both[label, label], told[label]),
        }
        for label in labels
    }


def confusion(pairs: Iterable[Pair], labels: Sequence[str]) -> dict[str, dict[str, int]]:
    """Rows are what was read, columns what is labelled."""
    counted = Counter(pairs)
    return {ours: {theirs: counted[ours, theirs] for theirs in labels} for ours in labels}


def measure(pairs: Sequence[Pair], labels: Sequence[str]) -> dict[str, Any]:
    """All measures of one question."""
    return {
        "equal": share(sum(ours == theirs for ours, theirs in pairs), len(pairs)),
        "labels": per_label(pairs, labels),
        "confusion": confusion(pairs, labels),
    }
