"""A model that the Hub does not have: the nearest of its owner's is named, for a request more, and no other's is."""

from __future__ import annotations

import pytest
from hub.server import LoopbackHub

from osaudit.cli import run

NEAR = "is 'acme/tiny-7b-v0.1' meant?"


@pytest.mark.parametrize(
    ("asked", "near"),
    [("acme/tiny-7b-v01", True), ("acme/other", False), ("acne/tiny-7b-v0.1", False)],
)
def test_the_nearest_model_of_the_owner_is_named(
    hub: LoopbackHub, capsys: pytest.CaptureFixture[str], asked: str, *, near: bool
) -> None:
    hub.add_model("acme/tiny-7b-v0.1", {"README.md": "# Tiny\n"})
    assert run(["audit", asked]) == 3
    told = capsys.readouterr().err
    assert (NEAR in told) is near
    assert len(told.splitlines()) == 1


def test_nothing_more_is_asked_where_several_are_audited(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.add_model("acme/tiny-7b-v0.1", {"README.md": "# Tiny\n"})
    assert run(["audit", "acme/tiny-7b-v01", "acme/tiny-7b-v02"]) == 3
    assert NEAR not in capsys.readouterr().err
    assert hub.counts()["api"] == 2
