"""Measures of agreement: pure functions of pairs (ours, theirs)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

CLASSES = ("open", "partial", "closed")
ABSTAIN = "abstain"
Pair = tuple[str, str]


def lenient(value: str) -> str:
    """Fold to two classes: a part is not open, as most human teams count it (truth/README)."""
    return "open" if value == "open" else "closed"


def share(pairs: Sequence[Pair], *, fold: bool) -> float | None:
    """The share of pairs that agree, 0 to 1; None where there is none."""
    if not pairs:
        return None
    equal = sum((lenient(ours) == lenient(theirs)) if fold else ours == theirs for ours, theirs in pairs)
    return round(equal / len(pairs), 4)


def kappa(pairs: Sequence[Pair], *, fold: bool) -> float | None:
    """Cohen's kappa; None where it is not defined (no pairs, or chance alone would agree always)."""
    if not pairs:
        return None
    folded = [(lenient(ours), lenient(theirs)) for ours, theirs in pairs] if fold else list(pairs)
    observed = sum(ours == theirs for ours, theirs in folded) / len(folded)
    left, right = Counter(ours for ours, _ in folded), Counter(theirs for _, theirs in folded)
    expected = sum(left[name] * right[name] for name in left) / len(folded) ** 2
    return None if expected == 1 else round((observed - expected) / (1 - expected), 4)


def confusion(pairs: Iterable[Pair]) -> dict[str, dict[str, int]]:
    """Rows are ours (abstentions among them), columns theirs."""
    counted = Counter(pairs)
    return {ours: {theirs: counted[ours, theirs] for theirs in CLASSES} for ours in (*CLASSES, ABSTAIN)}


def measure(pairs: Sequence[Pair]) -> dict[str, Any]:
    """All measures of one set of pairs; agreement and kappa leave abstentions out."""
    said = [pair for pair in pairs if pair[0] != ABSTAIN]
    return {
        "pairs": len(pairs),
        "abstained": len(pairs) - len(said),
        "abstention": round(1 - len(said) / len(pairs), 4) if pairs else None,
        "strict": share(said, fold=False),
        "lenient": share(said, fold=True),
        "kappa_strict": kappa(said, fold=False),
        "kappa_lenient": kappa(said, fold=True),
        "confusion": confusion(pairs),
    }
