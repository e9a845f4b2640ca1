"""The pace of requests, and models that wait where the Hub answers nobody. No test here waits: the clocks are made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hub.repos import Weights
from hub.server import LoopbackHub
from made_stores import how, model

from osaudit.audit import Run
from osaudit.errors import OsauditError, UnansweredError
from osaudit.evidence import Evidence
from osaudit.sources.catalogue import Filters, find_records, list_models
from osaudit.sources.pace import Pace
from osaudit.sources.request import Manners
from osaudit.sweep.cluster import Job, do_chunk
from osaudit.sweep.flow import Patience, flow
from osaudit.sweep.judging import Done, How, Wanted
from osaudit.sweep.parts import Chunk
from osaudit.sweep.place import place_of
from osaudit.sweep.querying import query
from osaudit.sweep.sweeping import Plan, sweep
from osaudit.workers import Workers


class Clock:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


LIMIT = {"ratelimit": '"api";r={left};t={ends}', "ratelimit-policy": '"fixed window";"api";q=500;w=300'}


def limit(left: int, ends: int) -> dict[str, str]:
    return {name: value.format(left=left, ends=ends) for name, value in LIMIT.items()}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(clock=clock, sleep=clock.sleep)


def test_without_headers_nobody_waits(pace: Pace, clock: Clock) -> None:
    for _ in range(10_000):
        pace.wait(is_file=False)
    assert (clock.slept, pace.asked) == ([], 10_000)


def test_what_is_left_of_a_window_is_spent_and_then_its_end_is_waited_for(pace: Pace, clock: Clock) -> None:
    pace.heard(200, limit(3, 40), is_file=False)
    for _ in range(3):
        pace.wait(is_file=False)
    assert clock.slept == []
    pace.wait(is_file=False)
    assert clock.slept == [40.5]
    assert pace.policy == (500, 300)


def test_files_are_counted_apart(pace: Pace, clock: Clock) -> None:
    pace.heard(200, limit(0, 40), is_file=False)
    pace.wait(is_file=True)
    assert clock.slept == []
    pace.heard(200, {"ratelimit": '"resolvers";r=0;t=7'}, is_file=True)
    pace.wait(is_file=True)
    assert clock.slept == [7.5]


def test_answers_to_requests_under_way_give_no_token_back(pace: Pace, clock: Clock) -> None:
    pace.heard(200, limit(2, 40), is_file=False)
    pace.wait(is_file=False)
    pace.wait(is_file=False)
    pace.heard(200, limit(2, 40), is_file=False)  # of a request that went out before these two
    pace.wait(is_file=False)
    assert clock.slept == [40.5]


def test_others_who_spend_the_same_tokens_are_seen(pace: Pace, clock: Clock) -> None:
    pace.heard(200, limit(100, 40), is_file=False)
    pace.heard(200, limit(0, 40), is_file=False)
    pace.wait(is_file=False)
    assert clock.slept == [40.5]


def test_all_wait_while_the_hub_asks_to(pace: Pace, clock: Clock) -> None:
    pace.heard(429, {"ratelimit": '"api";r=0;t=55', "retry-after": "55"}, is_file=False)
    pace.wait(is_file=True)
    assert clock.now >= 55
    pace.heard(503, {}, is_file=False)  # one that is busy by itself stops nobody else
    before = clock.now
    pace.wait(is_file=False)
    assert clock.now == before


def test_every_request_of_a_sweep_is_paced(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.hops = False
    for number in range(3):
        hub.add_model(f"acme/m{number}", {"README.md": "# A model\n", "model.safetensors": Weights()})
    from osaudit.audit import Looking, collect_evidence  # noqa: PLC0415 - this test alone looks at a Hub

    looking = Looking(no_cache=True)
    plan = Plan(how(), looking, many=False)
    names = (Wanted(f"acme/m{number}") for number in range(3))
    sweep(
        place_of(str(tmp_path / "s")), plan, names, {}, lambda name, run: collect_evidence(name, looking, run),
        lambda *_: None,
    )  # fmt: skip
    assert plan.pace.asked == sum(hub.counts().values()) == 6


# nobody is answered


NAMES = [f"acme/m{number}" for number in range(40)]


def swept(see: Callable[[str, Run], Evidence], patience: Patience, names: list[str] = NAMES) -> list[Done]:
    return list(flow(map(Wanted, names), see, how(keep="none"), Pace(), many=False, patience=patience))


def test_models_wait_for_a_hub_that_is_gone_for_ten_minutes(clock: Clock) -> None:
    asked: list[str] = []

    def see(name: str, _: Run) -> Evidence:
        asked.append(name)
        if len(asked) > 10 and clock.now < 600:
            raise UnansweredError(f"{name}: the Hub does not answer")
        return model(name)

    done = swept(see, Patience(clock=clock, sleep=clock.sleep))
    assert sorted(one.name for one in done) == sorted(NAMES)
    assert not [one for one in done if one.error]
    assert clock.now >= 600
    assert len(asked) < 150, "while nobody is answered, one asks for all"


def test_a_hub_that_never_answers_is_told_of_soon(clock: Clock) -> None:
    def see(name: str, _: Run) -> Evidence:
        raise UnansweredError(f"{name}: the Hub does not answer")

    with pytest.raises(OsauditError, match=r"answers nobody.*--resume"):
        swept(see, Patience(clock=clock, sleep=clock.sleep))
    assert clock.now < 120


def test_one_model_that_gets_no_answer_is_a_failure_of_its_own(clock: Clock) -> None:
    tries: list[str] = []

    def see(name: str, _: Run) -> Evidence:
        if name == NAMES[3]:
            tries.append(name)
            raise UnansweredError(f"{name}: the Hub does not answer")
        return model(name)

    done = swept(see, Patience(clock=clock, sleep=clock.sleep))
    assert [one.name for one in done if one.error] == [NAMES[3]]
    assert (len(done), len(tries), clock.slept) == (40, 3, [])


def test_a_bug_that_one_model_meets_is_its_own(clock: Clock) -> None:
    def see(name: str, _: Run) -> Evidence:
        if name == NAMES[3]:
            raise IndexError("list index out of range")
        return model(name)

    done = swept(see, Patience(clock=clock, sleep=clock.sleep))
    assert [(one.name, one.error) for one in done if one.error] == [(NAMES[3], "bug")]


def test_what_is_done_before_the_hub_is_given_up_is_kept(tmp_path: Path, clock: Clock) -> None:
    answered: list[str] = []

    def see(name: str, _: Run) -> Evidence:
        if len(answered) >= 5:
            raise UnansweredError(f"{name}: the Hub does not answer")
        answered.append(name)
        return model(name)

    place = place_of(str(tmp_path / "s"))
    plan = Plan(how(keep="none"), many=False, patience=Patience(clock=clock, sleep=clock.sleep))
    with pytest.raises(OsauditError, match="--resume"):
        sweep(place, plan, map(Wanted, NAMES), {}, see, lambda *_: None)
    assert query(place, "SELECT count(*) FROM models").rows == [(len(answered),)]
    assert query(place, "SELECT count(*) FROM models WHERE status = 'failed'").rows == [(0,)]


def test_a_chunk_that_another_machine_did_before_is_there_once(tmp_path: Path) -> None:
    place = place_of(str(tmp_path / "s"))
    job = Job(place, Chunk(1, 1), tuple(map(Wanted, NAMES[:3])), how(keep="none"), Patience())
    first, again = (do_chunk(job, lambda name, _: model(name)) for _ in range(2))
    assert sorted((one.name, one.label) for one in first) == sorted((one.name, one.label) for one in again)
    assert query(place, "SELECT count(*) FROM all_models").rows == [(3,)]
    assert query(place, "SELECT count(*) FROM all_cells").rows == [(120,)]


def test_the_key_tells_attestations_apart() -> None:
    from dataclasses import replace  # noqa: PLC0415 - this test alone needs these

    from osaudit.attest.entries import Attestations  # noqa: PLC0415

    plain = how()
    given = Attestations((), "a.yaml", "ab" * 32, "not signed", as_of="2026-11-30")
    attested = How(replace(plain.asked, given=given))
    assert plain.packs == "osd@1.0"
    assert attested.packs == f"osd@1.0 attestations@{'ab' * 6}"
    assert Workers().pool is None


# the Hub's lists


def test_a_list_is_read_page_by_page(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("osaudit.sources.catalogue.PAGE", 4)
    for number in range(10):
        hub.add_model(f"acme/m{number}", {"model.safetensors": Weights()})
    pages = list(list_models(Manners(), Filters(author="acme")))
    assert [len(page) for page in pages] == [4, 4, 2]
    assert [len(page) for page in list_models(Manners(), Filters(limit=6))] == [4, 2]
    assert len(list(list_models(Manners(), Filters(), pages=2))) == 2
    hub.take_log()
    assert set(dict(find_records(Manners(), ["acme/m1", "acme/m5"]))) == {"acme/m1", "acme/m5"}
    assert hub.counts() == {"api": 2}
    assert not dict(find_records(Manners(), ["acme/none"])), "it is looked at by itself"


def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("osaudit.sources.catalogue.PAGE_BYTES", 2000)
    for number in range(20):
        hub.add_model(f"acme/m{number:02}", {"model.safetensors": Weights()})
    pages = list(list_models(Manners(), Filters(author="acme")))
    names = [record["id"] for page in pages for record in page]
    assert names == [f"acme/m{number:02}" for number in range(20)]


@pytest.mark.parametrize("body", [b'{"models": []}', b"<html>", b'[1, {}, {"id": 7}]'])
def test_a_list_that_is_none_is_one_line(hub: LoopbackHub, body: bytes) -> None:
    hub.fault("/api/models", status=200, body=body)
    if body.startswith(b"["):
        assert list(list_models(Manners(), Filters())) == [[]]
        return
    with pytest.raises(OsauditError, match="no list of models"):
        list(list_models(Manners(), Filters()))


def test_a_refused_list_says_what_to_check(hub: LoopbackHub) -> None:
    hub.fault("/api/models", status=400)
    with pytest.raises(OsauditError, match="check the filters"):
        list(list_models(Manners(), Filters(author="acme")))
