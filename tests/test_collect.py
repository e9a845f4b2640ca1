"""Collecting: the repository, and what it names, nested; each looked at once, in order, within bounds."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hub.repos import Weights
from hub.server import LoopbackHub

from osaudit.checks.case import build_case
from osaudit.checks.lineage import lineage
from osaudit.errors import OsauditError
from osaudit.evidence import Absent, Base, DatasetUse, Evidence, Fact, ModelRef, Seen, Unknown, Where
from osaudit.licences.table import load_table
from osaudit.reading import read_snapshot
from osaudit.snapshot import Snapshot
from osaudit.sources.collect import collect
from osaudit.sources.hub import HubSource

PLACE = Where("org/m", None, "README.md")
UNREAD = Unknown("not looked into")


@dataclass(slots=True)
class World:
    """Repositories by name, each with the data sets (`d:`) and bases that it names; and what was asked for."""

    names: Mapping[str, tuple[str, ...]]
    asked: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def open_snapshot(self, ref: ModelRef) -> Snapshot:
        with self.lock:
            self.asked.append(ref.path)
        if ref.path not in self.names:
            raise OsauditError(f"{ref.path}: no such repository")
        absent = Absent()
        return Snapshot(
            ref=ref, source="hub", commit=absent, last_modified=absent, files=absent, gated=absent,
            card_data=absent, config=absent, parameters=absent, texts={},
        )  # fmt: skip

    def read(self, snapshot: Snapshot) -> Evidence:
        named = self.names.get(snapshot.ref.path, ())
        return Evidence(
            ref=snapshot.ref, source="hub", collected_at="2024-01-01T00:00:00Z", commit=Absent(),
            last_modified=Absent(), licence_index="0", files=Absent(), card=Absent(), gate=Absent(), config=Absent(),
            parameters=Absent(),
            datasets=tuple(
                DatasetUse(name[2:], "unknown", "high", PLACE, UNREAD) for name in named if name.startswith("d:")
            ),
            bases=tuple(
                Base(name, "finetune", "card", "high", PLACE, UNREAD) for name in named if not name.startswith("d:")
            ),
        )  # fmt: skip

    def collect(self, name: str = "org/m", *, depth: int = 1, max_related: int = 16, threads: int = 8) -> Evidence:
        return collect(
            ModelRef(name), open_snapshot=self.open_snapshot, read=self.read,
            depth=depth, max_related=max_related, threads=threads,
        )  # fmt: skip


def repo(fact: Fact[Evidence]) -> str:
    """The repository that a fact holds, or why it holds none."""
    match fact:
        case Seen(evidence):
            return evidence.ref.path
        case Absent():
            return "absent"
        case Unknown(why):
            return why


def nested(evidence: Evidence) -> list[str]:
    return [repo(use.evidence) for use in evidence.datasets] + [repo(base.evidence) for base in evidence.bases]


def test_data_sets_and_bases_are_nested_in_the_order_named() -> None:
    world = World({"org/m": ("d:z/z", "org/b", "d:squad", "org/a"), "datasets/z/z": (), "datasets/squad": (),
                   "org/a": (), "org/b": ("org/deep", "d:x/x")})  # fmt: skip
    evidence = world.collect()
    assert nested(evidence) == ["datasets/z/z", "datasets/squad", "org/b", "org/a"]
    assert [use.name for use in evidence.datasets] == ["z/z", "squad"]
    deeper = evidence.bases[0].evidence
    assert isinstance(deeper, Seen)
    assert nested(deeper.value) == ["not looked into", "not looked into"]
    assert world.asked[0] == "org/m"
    assert sorted(world.asked[1:]) == ["datasets/squad", "datasets/z/z", "org/a", "org/b"]


def test_depth_goes_down_the_bases_and_never_down_the_data_sets() -> None:
    world = World({"org/m": ("org/b", "d:x/x"), "org/b": ("org/c", "d:y/y"), "org/c": ("org/d",), "org/d": (),
                   "datasets/x/x": ("org/d", "d:y/y"), "datasets/y/y": ()})  # fmt: skip
    shallow = world.collect(depth=0)
    assert nested(shallow) == ["not looked into"] * 2
    assert world.asked == ["org/m"]
    evidence = world.collect(depth=2)
    below = evidence.bases[0].evidence
    assert isinstance(below, Seen)
    assert nested(below.value) == ["datasets/y/y", "org/c"]
    data = evidence.datasets[0].evidence
    assert isinstance(data, Seen)
    assert nested(data.value) == ["not looked into"] * 2


def test_a_repository_that_cannot_be_looked_at_is_unknown_and_says_why() -> None:
    world = World({"org/m": ("org/gone", "d:gone")})
    assert nested(world.collect()) == ["datasets/gone: no such repository", "org/gone: no such repository"]


def test_the_repository_itself_must_be_there() -> None:
    with pytest.raises(OsauditError, match="no such repository"):
        World({}).collect()


@pytest.mark.parametrize("name", ["English Wikipedia", "a/b/c", "../etc", "https://example.org", "a--b", ""])
def test_a_name_that_is_no_hub_id_is_not_asked_for(name: str) -> None:
    world = World({"org/m": (f"d:{name}", name)})
    assert nested(world.collect()) == [f"{name!r} is not a Hub id"] * 2
    assert world.asked == ["org/m"]


def test_each_repository_is_asked_for_once() -> None:
    world = World({"org/m": ("org/b", "org/b", "d:x/x", "d:x/x", "org/c"), "org/b": ("org/c", "d:x/x"), "org/c": (),
                   "datasets/x/x": ()})  # fmt: skip
    evidence = world.collect(depth=3)
    assert nested(evidence) == ["datasets/x/x", "datasets/x/x", "org/b", "org/b", "org/c"]
    assert len(world.asked) == len(set(world.asked)) == 4


def test_a_circle_is_closed_and_said_so() -> None:
    world = World({"org/m": ("org/b", "org/m"), "org/b": ("org/m", "org/c"), "org/c": ("org/b",)})
    evidence = world.collect(depth=5)
    assert nested(evidence) == ["org/b", "org/m is named in a circle"]
    below = evidence.bases[0].evidence
    assert isinstance(below, Seen)
    assert nested(below.value) == ["org/m is named in a circle", "org/c"]
    assert sorted(world.asked) == ["org/b", "org/c", "org/m"]


def test_a_model_and_a_data_set_of_one_name_are_two() -> None:
    world = World({"org/m": ("d:org/m",), "datasets/org/m": ()})
    assert nested(world.collect()) == ["datasets/org/m"]


def test_no_more_than_so_many_are_looked_into() -> None:
    names = tuple(f"d:x/n{number}" for number in range(20))
    known = {f"datasets/{name[2:]}": () for name in names}
    world = World({"org/m": (*names, "org/b"), "org/b": ("org/c", *names), "org/c": ("org/d",), "org/d": (), **known})
    evidence = world.collect(max_related=2, depth=3)
    assert nested(evidence)[:2] == ["datasets/x/n0", "datasets/x/n1"]
    assert all("too many" in why for why in nested(evidence)[2:-1])
    assert nested(evidence)[-1] == "org/b"
    assert sorted(world.asked) == ["datasets/x/n0", "datasets/x/n1", "org/b", "org/c", "org/m"]


def test_one_thread_sees_what_many_do() -> None:
    names = {f"org/b{number}": ("d:x/x",) for number in range(12)}
    world = World({"org/m": tuple(names), **names, "datasets/x/x": ()})
    assert world.collect(threads=1, depth=2) == world.collect(threads=8, depth=2)


def test_a_bug_in_reading_is_not_swallowed() -> None:
    world = World({"org/m": ("org/b",), "org/b": ()})

    def read(snapshot: Snapshot) -> Evidence:
        if snapshot.ref.repo == "org/b":
            raise ZeroDivisionError
        return world.read(snapshot)

    with pytest.raises(ZeroDivisionError):
        collect(ModelRef("org/m"), open_snapshot=world.open_snapshot, read=read)


def test_a_folder_can_be_the_root(tmp_path: Path) -> None:
    (tmp_path / "my-model").mkdir()
    world = World({"my-model": ("org/b",), "org/b": ()})
    evidence = collect(tmp_path / "my-model", open_snapshot=world.open_snapshot, read=world.read)
    assert nested(evidence) == ["org/b"]
    assert world.asked == ["org/b"]


def test_over_the_hub_each_repository_costs_its_record_and_its_texts(hub: LoopbackHub) -> None:
    hub.hops = False
    hub.add_model("org/m", {"README.md": "# M\n", "LICENSE": "Terms"})
    hub.add_model("org/b", {"README.md": "# B\n"})
    hub.add_dataset("squad", {"README.md": "# D\n"})
    hub.shelf.move("dataset", "squad", "owner/squad")
    world = World({"org/m": ("org/b", "d:squad", "org/gone")})
    evidence = collect(ModelRef("org/m"), open_snapshot=HubSource().fetch, read=world.read)
    assert nested(evidence)[:2] == ["datasets/owner/squad", "org/b"]
    assert "no such repository" in nested(evidence)[2]
    assert hub.counts() == {"api": 5, "file": 4}  # one more for the data set that moved


def test_a_lineage_of_three_with_four_data_sets_costs_a_record_and_two_files_each(hub: LoopbackHub) -> None:
    hub.hops = False
    chain = ["org/m", "one/a", "two/b", "three/c"]
    sets = [f"sets/s{number}" for number in range(4)]
    for name, base in zip(chain, [*chain[1:], None], strict=True):
        made_of = f"base_model: {base}\n" if base else ""
        card = f"---\nlicense: apache-2.0\n{made_of}datasets: [{', '.join(sets)}]\n---\n# {name}\n"
        files = {"README.md": card, "LICENSE": "Terms", "config.json": "{}", "model.safetensors": Weights()}
        hub.add_model(name, files)
    for name in sets:
        hub.add_dataset(name, {"README.md": "---\nlicense: cc0-1.0\n---\n# Set\n", "LICENSE": "Terms", "a.csv": "1"})
    together = threading.Barrier(len(sets) + 1, timeout=20)
    source = HubSource()

    def fetch(ref: ModelRef) -> Snapshot:
        if ref.kind == "dataset" or ref.repo == "one/a":
            together.wait()  # the data sets and the nearest base are asked for side by side
        return source.fetch(ref)

    evidence = collect(
        ModelRef("org/m"), open_snapshot=fetch, read=lambda found: read_snapshot(found, collected_at=""), depth=4
    )
    assert [node.id for node in lineage(build_case(evidence, load_table())).nodes] == chain
    assert hub.counts() == {"api": 8, "file": 16}
