"""Heads of weight files, broken at random: the readers say what is wrong, and never more than that."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable

import pytest
from fuzzing import TRIES, broken
from hypothesis import given
from probe_models import gguf_bytes, onnx_bytes, safetensors_bytes, torch_bytes

from osaudit.probe import ggufheader, onnx, pickles, safetensors
from osaudit.probe.repository import Damage

pytestmark = [pytest.mark.slow, pytest.mark.fuzz]

SHAPES = {"model.norm.weight": (4,), "lm_head.weight": (4, 2)}
TORCH = torch_bytes(SHAPES)
with zipfile.ZipFile(io.BytesIO(TORCH)) as archive:
    TABLE = archive.read("archive/data.pkl")
PLAIN = pickle.dumps({"weights": [1.0, (2, 3)], "name": {"x"}}, protocol=4)


def told(read: Callable[[], object]) -> None:
    """A reader returns, or tells of damage in words that can be shown."""
    try:
        read()
    except Damage as damage:
        found = damage
    else:
        return
    assert found.failure
    assert 0 < len(found.because) < 1000
    assert len(found.quote or "") <= 200


@TRIES
@given(broken(safetensors_bytes(SHAPES), safetensors_bytes({})))
def test_safetensors(data: bytes) -> None:
    told(
        lambda: safetensors.read_header("model.safetensors", len(data), lambda start, size: data[start : start + size])
    )


@TRIES
@given(broken(gguf_bytes()))
def test_gguf(data: bytes) -> None:
    def read() -> None:
        ggufheader.check_structure(ggufheader.read_header("model.gguf", len(data), io.BytesIO(data)))

    told(read)


@TRIES
@given(broken(onnx_bytes()))
def test_onnx(data: bytes) -> None:
    told(lambda: onnx.read_outline("model.onnx", len(data), io.BytesIO(data)))


@TRIES
@given(broken(TORCH, TABLE, PLAIN, pickle.dumps(OrderedDict(a=1), protocol=0)))
def test_pickles(data: bytes) -> None:
    told(lambda: pickles.read_pickles("pytorch_model.bin", len(data), io.BytesIO(data)))
