"""Parameter counts from the headers of safetensors files on disk. A header is a claim: bounded, never trusted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osaudit.contents import shard_of
from osaudit.evidence import Absent, Fact, Parameters, Seen, Unknown
from osaudit.pathnames import words_of
from osaudit.sources.opening import open_regular
from osaudit.sources.record import parse_json

MAX_HEADER = 25_000_000
_MAX_SHARDS = 512
_MAX_TOTAL = 10**18
_LENGTH = 8  # bytes: https://huggingface.co/docs/safetensors (format)


def parameters_in(files: Mapping[str, Path]) -> Fact[Parameters]:
    """Count the parameters of `model.safetensors` or of its complete set of shards at the root."""
    if not any(path.endswith(".safetensors") for path in files):
        return Absent()
    shards = _weights(sorted(path for path in files if path.endswith(".safetensors") and "/" not in path))
    if not shards:
        return Unknown("the safetensors files are in no layout whose parameters can be counted")
    counts: Counter[str] = Counter()
    try:
        for shard in shards:
            counts.update(_count(_header(files[shard])))
    except (OSError, ValueError) as error:
        return Unknown(f"a safetensors header cannot be read ({str(error)[:100]})")
    if counts.total() > _MAX_TOTAL:
        return Unknown("the safetensors headers claim an absurd number of parameters")
    return Seen(Parameters(counts.total(), tuple(sorted(counts.items()))))


def _weights(paths: list[str]) -> list[str]:
    """Pick the one file, or the whole set of shards, that the Hub counts too."""
    if "model.safetensors" in paths:
        return ["model.safetensors"]
    shards = [path for path in paths if shard_of(path) and words_of(path)[0] == "model"]
    totals = {of for path in shards if (of := (shard_of(path) or (0, 0))[1])}
    return shards if len(totals) == 1 and totals == {len(shards)} and len(shards) <= _MAX_SHARDS else []


def _header(path: Path) -> Mapping[str, Any]:
    with open_regular(path) as file:
        length = int.from_bytes(file.read(_LENGTH), "little")
        if not 0 < length <= MAX_HEADER:
            raise ValueError("no header of a sane length")
        header = parse_json(file.read(length))
    if not isinstance(header, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - the file's content is wrong, not a type in the program
    return header


def _count(header: Mapping[str, Any]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for name, tensor in header.items():
        if name != "__metadata__":
            dtype, size = _tensor(tensor)
            counts[dtype] += size
    return counts


def _tensor(tensor: Any) -> tuple[str, int]:  # noqa: ANN401 - JSON
    match tensor:
        case {"dtype": str(dtype), "shape": list(shape)} if len(shape) <= 32 and all(map(_is_length, shape)):  # noqa: PLR2004
            return dtype[:20], math.prod(shape)
        case _:
            raise ValueError("a tensor without dtype and shape")


def _is_length(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 2**40
