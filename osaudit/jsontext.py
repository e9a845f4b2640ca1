"""JSON that may be shown: strangers' words stand in its strings, and can be written so that nothing obeys them."""

from __future__ import annotations

import re

# Escaped, these reach no terminal (controls, marks of direction) and no CI's log (`##[error]`, `##vso[`).
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]|#(?=#\\w*\\[)")


def shown(text: str) -> str:
    """Escape what no terminal and no log may see; the values stay the same."""
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
