"""The libraries' errors as failure classes."""

from __future__ import annotations

import re
import traceback
from typing import Any


class Trouble(Exception):  # noqa: N818 - it is what it names
    """A check of ours did not hold: failure class, sentence, and the tensor or value that shows it."""

    def __init__(self, failure: str, because: str, quote: str | None = None, path: str | None = None) -> None:
        super().__init__(because)
        self.failure = failure
        self.quote = quote
        self.path = path


class NotPossible(Exception):  # noqa: N818 - likewise
    """It cannot be tried here, which says nothing about the model."""


# The order matters: the first whose words are found decides.
_BY_WORDS: tuple[tuple[str, str], ...] = (
    ("out-of-memory", r"(?i)out of memory|can't allocate memory|cannot allocate memory|DefaultCPUAllocator|bad_alloc"),
    ("remote-code", r"trust_remote_code|custom code|contains custom code"),
    ("pickle-refused", r"weights_only|UnpicklingError|Weights only load failed|Unsupported global"),
    (
        "gguf-architecture-unknown",
        r"(?i)gguf model with architecture|unknown model architecture|architecture .* not supported yet",
    ),
    ("unknown-model-type", r"does not recognize this architecture|Unrecognized model|Unrecognized configuration class"),
    ("config-schema", r"StrictDataclass|Validation error for field|Field '.*' expected|rope_scaling|must be divisible"),
    ("shape-mismatch", r"size mismatch|ignore_mismatched_sizes|shape '.*' is invalid|shapes cannot be multiplied"),
    (
        "corrupt-header",
        r"SafetensorError|HeaderTooLarge|InvalidHeader|MetadataIncompleteBuffer|invalid magic|PytorchStreamReader",
    ),
    ("corrupt-header", r"InvalidProtobuf|INVALID_PROTOBUF|Protobuf parsing failed"),
    ("generation-config", r"decoder_start_token_id|bos_token_id.* has to be defined|`generation_config`|pad_token_id"),
    ("missing-weight-file", r"no file named|does not appear to have a file named .*(?:safetensors|bin)|Error no file"),
    ("tokenizer-missing", r"(?i)tokenizer|vocab"),
)


def failure_of(error: BaseException) -> dict[str, Any]:
    """Name an error: its class, one sentence, and where it arose."""
    if isinstance(error, Trouble):
        return {"class": error.failure, "because": str(error), "quote": error.quote, "path": error.path}
    if isinstance(error, NotPossible):
        return {"class": "not-possible", "because": str(error), "quote": None, "path": None}
    words = f"{type(error).__name__}: {error}"
    return {
        "class": _named(error, words),
        "because": _short(words),
        "quote": None,
        "path": None,
        "trace": _trace(error),
    }


def _named(error: BaseException, words: str) -> str:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return "out-of-memory"
    for failure, pattern in _BY_WORDS[:2]:
        if re.search(pattern, words):
            return failure
    if isinstance(error, ImportError):
        return "dependency-missing"
    return next((failure for failure, pattern in _BY_WORDS if re.search(pattern, words)), "library-error")


def _short(words: str) -> str:
    return " ".join(words.split())[:400]


def _trace(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return [f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
