"""What kind of model it is: whether it reads or writes more than text, as its settings and the publisher's tag show."""

from __future__ import annotations

import re

from osaudit.checks.cards import front_matter
from osaudit.compiled import regex
from osaudit.evidence import Evidence, Seen

_SEVERAL = regex(
    r"image|visual|vision|video|audio|speech|any-to-any|multimodal|document-question|ocr|text-to-(?:3d|speech)",
    re.IGNORECASE,
)
_SEES_OR_HEARS = regex(
    r"vision|mllama|llava|multi-?modal|omni|image|video|audio|speech|whisper|diffusion|conditionalgeneration|"
    r"(?<![a-z])vl(?![a-z])|vl(?=for|chat|model|$)",
    re.IGNORECASE,
)
_TEXT_ALONE = regex(r"For(?:CausalLM|SequenceClassification|TokenClassification|QuestionAnswering)$|LMHeadModel$")


def is_multimodal(evidence: Evidence) -> bool | None:
    """Tell whether the model is of more than text; None where settings and tag do not show it.

    The tag alone shows that it is, and never that it is not: that takes the architecture.
    """
    front = front_matter(evidence.card)
    tag = front.pipeline_tag.value if front and isinstance(front.pipeline_tag, Seen) else ""
    config = evidence.config.value if isinstance(evidence.config, Seen) else None
    made = config.architectures if config else ()
    model_type = config.model_type.value if config and isinstance(config.model_type, Seen) else ""
    if _SEVERAL.search(tag) or any(map(_SEES_OR_HEARS.search, (*made, model_type))):
        return True
    return False if made and all(map(_TEXT_ALONE.search, made)) else None
