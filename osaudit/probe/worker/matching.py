"""The loading report judged: which names may be missing or left over, and what the others mean. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from osaudit.probe.worker.trouble import Trouble

# Buffers that older versions wrote and newer ones compute.
_COMPUTED = re.compile(
    r"(?:^|\.)(?:position_ids|token_type_ids|inv_freq|original_inv_freq|masked_bias|num_batches_tracked|relative_position_index"
    r"|attn\.bias|attention\.bias|causal_mask|cos_cached|sin_cached)$"
)
# Heads of the training, which the class that is loaded leaves aside, or does not use.
_HEADS = re.compile(
    r"(?:^|\.)(?:cls|pooler|lm_head|mlm|nsp|qa_outputs|mtp|discriminator_predictions|generator_\w+)(?:\.|$)"
)
_LAYER = re.compile(r"(?:^|\.)(?:layers?|h|blocks?|blk)\.(\d+)\.")


def check_matching(told: Mapping[str, Any], layers: int, *, gguf: bool = False) -> tuple[str, ...]:
    """Return what may be passed over, in words; Trouble where names or shapes do not match."""
    missing = [name for name in told["missing"] if not _COMPUTED.search(name)]
    unexpected = [name for name in told["unexpected"] if not _COMPUTED.search(name)]
    mismatched = told["mismatched"]
    if mismatched:
        raise _mismatch(mismatched)
    aside = [name for name in unexpected if _is_head(name)]
    unexpected = [name for name in unexpected if not _is_head(name)]
    unset = [name for name in missing if re.search(r"(?:^|\.)pooler\.", name)]
    missing = [name for name in missing if name not in unset]
    if missing or (unexpected and not gguf):
        raise _unmatched(missing, unexpected, layers)
    notes = [f"{len(aside)} tensors of heads that this class does not have: {aside[0]}"] if aside else []
    notes += [f"{len(unset)} tensors of an output head are not in the files: {unset[0]}"] if unset else []
    return tuple(notes)


def _is_head(name: str) -> bool:
    return bool(_HEADS.search(name)) and not name.startswith(("lm_head.", "x."))


def _mismatch(entries: Sequence[Sequence[Any]]) -> Trouble:
    name, *shapes = entries[0]
    words = f"the shape of {_some(len(entries))} is not that of the architecture, {name} the first"
    if len(shapes) == 2:  # noqa: PLR2004 - in the file, in the architecture
        words += f": {shapes[0]} in the file, {shapes[1]} by the configuration"
    rows = re.search(r"embed_tokens|word_embeddings|wte|lm_head|shared\.weight", str(name))
    vocabulary = rows and len(shapes) == 2 and shapes[0][1:] == shapes[1][1:]  # noqa: PLR2004 - as above
    return Trouble("vocabulary-mismatch" if vocabulary else "shape-mismatch", words, str(name))


def _unmatched(missing: list[str], unexpected: list[str], layers: int) -> Trouble:
    """Say whether layers, names, or single tensors are the matter."""
    lacking, extra = _layers_of(missing), _layers_of(unexpected)
    if missing and not unexpected and len(lacking) and len(missing) == _count_in(missing, lacking) and _whole(missing):
        first = f"layer {min(lacking)}"
        told = f"by the configuration there are {layers} layers, and the files lack {len(lacking)}, {first} the first"
        return Trouble("layer-count", told, missing[0])
    beyond = bool(extra) and min(extra) >= layers > 0 and len(unexpected) == _count_in(unexpected, extra)
    if beyond and not missing:
        told = f"by the configuration layer {layers - 1} is the last, and the files hold layer {max(extra)} too"
        return Trouble("layer-count", told, unexpected[0])
    if missing and unexpected and len(missing) <= 2 * len(unexpected):
        told = f"the files lack {_some(len(missing))}, and hold {len(unexpected)} of other names"
        return Trouble("renamed-tensors", f"{told}: {missing[0]} is not there, {unexpected[0]} is", missing[0])
    if missing:
        told = f"the files lack {_some(len(missing))} of the architecture, {missing[0]} the first"
        tied = all(re.search(r"lm_head|embed_tokens|shared|wte|word_embeddings", name) for name in missing)
        return Trouble("tied-weights" if tied else "missing-tensors", told, missing[0])
    told = f"the architecture has no place for {_some(len(unexpected))} of the files, {unexpected[0]} the first"
    return Trouble("unexpected-tensors", told, unexpected[0])


def _some(count: int) -> str:
    return "1 tensor" if count == 1 else f"{count} tensors"


def _layers_of(names: Sequence[str]) -> set[int]:
    return {int(found.group(1)) for name in names if (found := _LAYER.search(name))}


def _count_in(names: Sequence[str], layers: set[int]) -> int:
    return sum(1 for name in names if (found := _LAYER.search(name)) and int(found.group(1)) in layers)


def _whole(names: Sequence[str]) -> bool:
    """Whether the names are those of whole layers: more than a few in each, and as many in each."""
    counts: dict[int, int] = {}
    for name in names:
        found = _LAYER.search(name)
        if found:
            counts[int(found.group(1))] = counts.get(int(found.group(1)), 0) + 1
    return len(set(counts.values())) == 1 and min(counts.values()) > 3  # noqa: PLR2004 - fewer than any layer has
