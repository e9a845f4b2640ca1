from __future__ import annotations

import math
from typing import Any

import pytest

from osaudit.probe.worker.matching import check_matching
from osaudit.probe.worker.measure import percentile, summary
from osaudit.probe.worker.trouble import NotPossible, Trouble, failure_of


def report(
    missing: tuple[str, ...] = (), unexpected: tuple[str, ...] = (), mismatched: tuple[Any, ...] = ()
) -> dict[str, Any]:
    return {"missing": list(missing), "unexpected": list(unexpected), "mismatched": [list(one) for one in mismatched]}


def layer(number: int) -> tuple[str, ...]:
    return tuple(f"model.layers.{number}.{part}.weight" for part in ("q", "k", "v", "o", "up", "down"))


@pytest.mark.parametrize(
    "told",
    [
        report(),
        report(unexpected=("embeddings.position_ids", "h.0.attn.bias", "model.layers.0.self_attn.rotary_emb.inv_freq")),
        report(unexpected=("cls.seq_relationship.weight", "cls.predictions.bias", "bert.pooler.dense.weight")),
        report(missing=("pooler.dense.weight", "pooler.dense.bias")),
        report(unexpected=("mtp.layers.0.weight",)),
    ],
)
def test_what_every_other_checkpoint_has_is_no_damage(told: dict[str, Any]) -> None:
    check_matching(told, 2)


@pytest.mark.parametrize(
    ("told", "failure", "shown"),
    [
        (report(missing=layer(2)), "layer-count", "model.layers.2.q.weight"),
        (report(missing=(*layer(2), *layer(3))), "layer-count", "model.layers.2.q.weight"),
        (report(unexpected=layer(2)), "layer-count", "model.layers.2.q.weight"),
        (report(missing=layer(1)[:2]), "missing-tensors", "model.layers.1.q.weight"),
        (report(unexpected=layer(1)[:2]), "unexpected-tensors", "model.layers.1.q.weight"),
        (report(missing=("a.weight",), unexpected=("b.weight",)), "renamed-tensors", "a.weight"),
        (report(missing=("lm_head.weight",)), "tied-weights", "lm_head.weight"),
        (report(unexpected=("lm_head.weight",)), "unexpected-tensors", "lm_head.weight"),
        (report(mismatched=(("a.weight", [2, 3], [3, 2]),)), "shape-mismatch", "a.weight"),
        (report(mismatched=(("model.embed_tokens.weight", [9, 4], [8, 4]),)), "vocabulary-mismatch", None),
        (report(mismatched=(("model.embed_tokens.weight", [9, 4], [9, 5]),)), "shape-mismatch", None),
        (report(mismatched=(("a.weight",),)), "shape-mismatch", "a.weight"),
    ],
)
def test_what_does_not_match_has_a_class(told: dict[str, Any], failure: str, shown: str | None) -> None:
    with pytest.raises(Trouble) as caught:
        check_matching(told, 2)
    assert caught.value.failure == failure
    assert shown in {None, caught.value.quote}


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (MemoryError(), "out-of-memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "out-of-memory"),
        (RuntimeError("unable to mmap: Cannot allocate memory (12)"), "out-of-memory"),
        (ValueError("set the option trust_remote_code=True to remove this error"), "remote-code"),
        (ImportError("tokenizer needs sentencepiece"), "dependency-missing"),
        (ValueError("GGUF model with architecture nonesuch is not supported yet."), "gguf-architecture-unknown"),
        (ValueError("does not recognize this architecture"), "unknown-model-type"),
        (RuntimeError("Error(s): size mismatch for a.weight"), "shape-mismatch"),
        (RuntimeError("Weights only load failed"), "pickle-refused"),
        (OSError("Error no file named model.safetensors found"), "missing-weight-file"),
        (KeyError("something else"), "library-error"),
        (NotPossible("no device"), "not-possible"),
        (Trouble("zero-weights", "zeros"), "zero-weights"),
    ],
)
def test_a_librarys_error_has_a_class(error: Exception, failure: str) -> None:
    assert failure_of(error)["class"] == failure


def test_percentiles_are_of_the_nearest_rank() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.9, 0.99)] == [50, 90, 99]
    assert percentile([3.0], 0.99) == 3.0
    (found,) = summary("x", "s", [3.0, 1.0, 2.0])
    assert (found["value"], found["low"], found["high"], found["runs"]) == (2.0, 1.0, 3.0, 3)
    assert summary("x", "s", []) == []
    assert math.isclose(summary("x", "s", [1.0, 2.0])[0]["value"], 1.5)
