"""Every state of an account in arrears by every event: the table as a person would write it, and what may never be."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.arrears.states import HARSH, Event, Hold, Standing, State, moved, restores

COLUMNS = " ".join(State)
SHORT = {
    "c": State.CURRENT,
    "r": State.REMINDED,
    "o": State.OVERDUE,
    "n": State.NOTICE_SERVED,
    "d": State.DISCONNECTION_PROPOSED,
    "X": State.DISCONNECTED,
    "R": State.RECONNECTED,
    "I": State.IN_PLAN,
    "P": State.PROMISED,
    "D": State.DISPUTED,
    "S": State.SHIELDED,
    "W": State.WRITTEN_OFF,
    "-": None,
}

TABLE = """
                  c r o n d X R I P D S W
reminded          r r o n d X r I P D S W
fell_overdue      o o o n d X o I P D S o
notice_proved     - - n n d - - - - - - -
cut_proposed      - - - d d - - - - - - -
cut_declined      - - - - n - - - - - - -
cut_done          R R X X X X R I P D S -
supply_back       - - o - - o c I P D S W
part_paid         c r o n d X R I P D S W
ladder_restarted  - r o o o X - I P D S -
settled           c c c c c R R c c D S c
promise_made      - P P P P - - I P D S -
promise_broken    - - - - - - - - o - - -
plan_agreed       - I I I I I - I I D S -
plan_broken       - - - - - - - o - - - -
dispute_opened    D D D D D D D D D D S -
dispute_closed    - - - - - - - - - o - -
shield_set        S S S S S S S S S S S S
shield_ended      - - - - - - - - - - o -
written_off       - - W W - W - - - - - -
"""
"""Where each event (a row) leads from each state (a column). `-` is refused. What is held is held on `overdue`."""

HELD = {
    State.PROMISED: Hold.PROMISE,
    State.IN_PLAN: Hold.PLAN,
    State.DISPUTED: Hold.DISPUTE,
    State.SHIELDED: Hold.SHIELD,
}


def standing(state: State) -> Standing:
    return Standing(State.OVERDUE, frozenset({HELD[state]})) if state in HELD else Standing(state)


def expected() -> dict[tuple[State, Event], State | None]:
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    return {
        (SHORT[column], Event(name)): SHORT[cell]  # type: ignore[index]
        for name, *cells in rows
        for column, cell in zip(head, cells, strict=True)
    }


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", State)
def test_every_state_by_every_event_leads_where_the_table_says(state: State, event: Event) -> None:
    after = moved(standing(state), event)
    assert (after.state if after else None) is expected()[state, event]


def test_the_table_knows_every_state_and_every_event() -> None:
    assert {state for state, _ in expected()} == set(State)
    assert {event for _, event in expected()} == set(Event)


def test_the_document_shows_the_same_table() -> None:
    document = Path("docs/arrears.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|(.+)\|$", document, flags=re.MULTILINE)
    shown = {Event(name): [cell.strip() for cell in cells.split("|")] for name, cells in rows}
    assert shown == {
        event: [(expected()[state, event] or "–") for state in map(State, COLUMNS.split())] for event in Event
    }


events = st.lists(st.sampled_from(list(Event)), max_size=30)


def walked(happened: list[Event]) -> list[tuple[Standing, Event, Standing]]:
    at, steps = Standing(), []
    for event in happened:
        after = moved(at, event)
        if after is not None:
            steps.append((at, event, after))
            at = after
    return steps


@given(events)
def test_nothing_harsh_ever_happens_to_who_is_held(happened: list[Event]) -> None:
    for before, event, _ in walked(happened):
        assert not (event in HARSH and before.holds)


@given(events)
def test_nobody_who_is_held_stays_proposed_or_cut(happened: list[Event]) -> None:
    for _, _, after in walked(happened):
        if after.holds:
            assert after.rung not in {State.DISCONNECTION_PROPOSED, State.DISCONNECTED}


@given(events)
def test_settling_ends_everything_but_an_objection_and_a_shield(happened: list[Event]) -> None:
    steps = walked(happened)
    at = steps[-1][2] if steps else Standing()
    after = moved(at, Event.SETTLED)
    assert after is not None
    assert after.rung in {State.CURRENT, State.RECONNECTED}
    assert after.holds <= {Hold.DISPUTE, Hold.SHIELD}
    assert moved(after, Event.SETTLED) == after


@given(events)
def test_whoever_leaves_the_cut_state_by_anything_else_than_the_field_system_is_to_be_restored(
    happened: list[Event],
) -> None:
    for before, event, after in walked(happened):
        left = before.rung is State.DISCONNECTED and after.rung is not State.DISCONNECTED
        if left and event not in {Event.SUPPLY_BACK, Event.WRITTEN_OFF}:
            assert restores(before, after, event)


def test_a_broken_promise_after_a_notice_asks_for_a_new_notice() -> None:
    promised = moved(Standing(State.NOTICE_SERVED), Event.PROMISE_MADE)
    assert promised
    broken = moved(promised, Event.PROMISE_BROKEN)
    assert broken == Standing(State.OVERDUE)


def test_a_dispute_that_ends_while_a_shield_holds_leaves_the_shield() -> None:
    held = Standing(State.OVERDUE, frozenset({Hold.DISPUTE, Hold.SHIELD}))
    after = moved(held, Event.DISPUTE_CLOSED)
    assert after
    assert (held.state, after.state) == (State.SHIELDED, State.SHIELDED)


def test_a_cut_that_came_after_settling_is_restored_at_once() -> None:
    after = moved(Standing(State.CURRENT), Event.CUT_DONE)
    assert after == Standing(State.RECONNECTED)
    assert restores(Standing(State.CURRENT), after, Event.CUT_DONE)
