"""How much the fuzzing tests try: a number of examples, so that a run does not depend on the machine's speed.

`OSAUDIT_FUZZ_SECONDS` is about how long all of them take together on a machine like CI's; without it they take a few.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

EXAMPLES = 10 * max(1, int(os.environ.get("OSAUDIT_FUZZ_SECONDS") or 10))
TRIES = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

_EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 12), st.binary(max_size=12)), max_size=6
)  # where, how many bytes go, what comes in their place


def broken(*whole: bytes) -> st.SearchStrategy[bytes]:
    """Bytes at random, and files that were whole before something was cut out of them or written over."""
    return st.binary(max_size=400) | st.builds(_edited, st.sampled_from(whole), _EDITS, st.floats(0, 2))


def _edited(data: bytes, edits: list[tuple[float, int, bytes]], end: float) -> bytes:
    for where, gone, come in edits:
        place = int(where * len(data))
        data = data[:place] + come + data[place + gone :]
    return data[: int(end * len(data))]
