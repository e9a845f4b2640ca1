"""Which criteria words of a kind bear on."""

from __future__ import annotations

FLAG_CRITERIA: dict[str, tuple[int, ...]] = {
    "non_commercial": (1, 6),
    "field_of_use_restriction": (6,),
    "acceptable_use_policy": (6,),
    "output_use_restriction": (6, 9),
    "user_threshold": (1, 5, 7),
    "revenue_threshold": (1, 5, 7),
    "geographic_exclusion": (1, 5),
    "no_derivatives": (3,),
    "registration_required": (7,),
    "hosting_restriction": (5, 7),
    "no_redistribution": (1,),
    "naming_or_attribution": (),
    "revocable": (),
    "terms": (6,),
    "trade": (1, 6),
    "persons": (5,),
    "places": (5,),
    "consent": (7,),
    "registration": (7,),
}
"""The criteria that words of each kind touch (RUBRIC, cells; "One rule for one clause"); other words close a use.

The last six are what words may touch that no rule understands (`osaudit.evidence.Unclear`).
"""
USES = (6,)
"""What words of any other kind touch: a use."""


def touches(flag: str, criterion: int) -> bool:
    """Whether words of this kind bear on the criterion."""
    return criterion in FLAG_CRITERIA.get(flag, USES)
