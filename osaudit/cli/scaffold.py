"""A criteria pack to begin with: two criteria that are asked already, and every check that a cell can ask for."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator

from osaudit.checks import CHECKS
from osaudit.errors import UsageError
from osaudit.packs import EVERY_PACK, pack_ids

_NOT_AN_ID = re.compile(r"[^a-z0-9]+")
_MAX_NAME = 80
_TAKEN = frozenset({"OSD", "OSAID", "MOF", "G7", "EU"})


def scaffold(name: str, today: str) -> str:
    """Return the text of a new pack; UsageError where the name makes no id of its own."""
    slug = _NOT_AN_ID.sub("-", name.lower()).strip("-")[:40].strip("-")
    if not slug or len(name) > _MAX_NAME:
        raise UsageError(f"{name[:40]!r} makes no id for a pack: name it in up to {_MAX_NAME} letters and digits")
    if slug in {*pack_ids(), EVERY_PACK}:
        raise UsageError(f"the id {slug} is taken by a pack of osaudit's own: choose another name")
    first = slug.split("-")[0].upper()
    prefix = first if first[0].isalpha() and first not in _TAKEN else "OWN"
    named = json.dumps(" ".join(name.split()))
    return _TEXT.format(id=slug, name=named, prefix=prefix, today=today) + "".join(_checks())


def _checks() -> Iterator[str]:
    """Every check with its arguments and its question, as comments."""
    for check, function in CHECKS.items():
        arguments = ", ".join(list(inspect.signature(function).parameters)[1:])
        question = (inspect.getdoc(function) or "").splitlines()[0]
        yield f"#   {check}{f' ({arguments})' * bool(arguments)}: {question}\n"


_TEXT = """\
# A criteria pack: what is asked, and in whose words. Use it with `osaudit audit MODEL --pack FILE`.
# It holds words and plain arguments; what decides is in osaudit's checks, which stand at the end of this file.
id: {id}
name: {name}
version: "0.1"
definition: {name}
date: "{today}"
sources:
  - Where these questions come from
criteria:
  - id: {prefix}-1
    title: Any use
    demands: No use of the weights may be closed.
    cells:
      # The same question as a cell of the Open Source Definition, with its words: who attests one attests both.
      licence: {{same_as: OSD-6/licence, weight: 60}}
  - id: {prefix}-2
    title: Weights for all
    demands: Anyone can download the weights.
    cells:
      weights:
        question: Can anyone download the weights?
        weight: 40
        passes: They are published, and no gate stands before them.
        partial: A form opens by itself to everybody.
        fails: They are not published, or the gate leaves some out.
        review: A person decides on each request, or the gate could not be seen.
        remedy: Publish the weights without a gate.
        checks: # the worst answer of its checks is the cell's
          - {{check: weights-published}}
          - {{check: gate-open-to-all}}
# Facets: weights, data, training, licence. Weights are points towards 100; 0 leaves a cell out of comparisons.
# The checks, with their arguments:
"""
