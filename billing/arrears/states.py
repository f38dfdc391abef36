"""Where an account stands in its arrears, and what may happen next: the whole table, pure.

An account climbs the ladder of `State.CURRENT` to `State.DISCONNECTED`. Holds (a promise, a plan, a dispute, a shield)
lie over the rung on which it stands: while there is one, nothing harsher happens, and the strongest of them is the
state that is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class State(StrEnum):
    """Where an account stands, as it is shown."""

    CURRENT = "current"
    """Nothing is overdue, and nobody was reminded."""
    REMINDED = "reminded"
    """A bill is about to be due."""
    OVERDUE = "overdue"
    NOTICE_SERVED = "notice_served"
    """The disconnection notice (停电通知书) has arrived, which is proven."""
    DISCONNECTION_PROPOSED = "disconnection_proposed"
    """A person has to decide."""
    DISCONNECTED = "disconnected"
    RECONNECTED = "reconnected"
    """Settled after a cut: the field system was asked to restore the supply."""
    IN_PLAN = "in_plan"
    PROMISED = "promised"
    DISPUTED = "disputed"
    SHIELDED = "shielded"
    WRITTEN_OFF = "written_off"


class Hold(StrEnum):
    """What keeps an account from harsher steps, the strongest last."""

    PROMISE = "promise"
    PLAN = "plan"
    DISPUTE = "dispute"
    SHIELD = "shield"


class Event(StrEnum):
    """What happens to an account."""

    REMINDED = "reminded"
    FELL_OVERDUE = "fell_overdue"
    NOTICE_PROVED = "notice_proved"
    CUT_PROPOSED = "cut_proposed"
    CUT_DECLINED = "cut_declined"
    CUT_DONE = "cut_done"
    SUPPLY_BACK = "supply_back"
    PART_PAID = "part_paid"
    LADDER_RESTARTED = "ladder_restarted"
    """A part payment, where the policy begins the ladder anew for it."""
    SETTLED = "settled"
    """Nothing is overdue any more."""
    PROMISE_MADE = "promise_made"
    PROMISE_BROKEN = "promise_broken"
    PLAN_AGREED = "plan_agreed"
    PLAN_BROKEN = "plan_broken"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_CLOSED = "dispute_closed"
    SHIELD_SET = "shield_set"
    SHIELD_ENDED = "shield_ended"
    WRITTEN_OFF = "written_off"


@dataclass(frozen=True, slots=True)
class Standing:
    """The rung on which an account stands, and what holds it there."""

    rung: State = State.CURRENT
    holds: frozenset[Hold] = frozenset()

    @property
    def state(self) -> State:
        """What is shown: the strongest hold, else the rung."""
        held = [hold for hold in Hold if hold in self.holds]
        return _SHOWN[held[-1]] if held else self.rung


_SHOWN: Final[Mapping[Hold, State]] = MappingProxyType(
    {
        Hold.PROMISE: State.PROMISED,
        Hold.PLAN: State.IN_PLAN,
        Hold.DISPUTE: State.DISPUTED,
        Hold.SHIELD: State.SHIELDED,
    }
)

RUNGS: Final = (
    State.CURRENT,
    State.REMINDED,
    State.OVERDUE,
    State.NOTICE_SERVED,
    State.DISCONNECTION_PROPOSED,
    State.DISCONNECTED,
    State.RECONNECTED,
    State.WRITTEN_OFF,
)

MOVES: Final[Mapping[State, Mapping[Event, State]]] = MappingProxyType(
    {
        State.CURRENT: {
            Event.REMINDED: State.REMINDED,
            Event.FELL_OVERDUE: State.OVERDUE,
            # Cut although it was settled meanwhile: the field system was faster. It is asked to restore at once.
            Event.CUT_DONE: State.RECONNECTED,
            Event.PART_PAID: State.CURRENT,
            Event.SETTLED: State.CURRENT,
        },
        State.REMINDED: {
            Event.REMINDED: State.REMINDED,
            Event.FELL_OVERDUE: State.OVERDUE,
            Event.CUT_DONE: State.RECONNECTED,
            Event.PART_PAID: State.REMINDED,
            Event.LADDER_RESTARTED: State.REMINDED,
            Event.SETTLED: State.CURRENT,
        },
        State.OVERDUE: {
            Event.REMINDED: State.OVERDUE,
            Event.FELL_OVERDUE: State.OVERDUE,
            Event.NOTICE_PROVED: State.NOTICE_SERVED,
            Event.CUT_DONE: State.DISCONNECTED,
            Event.SUPPLY_BACK: State.OVERDUE,
            Event.PART_PAID: State.OVERDUE,
            Event.LADDER_RESTARTED: State.OVERDUE,
            Event.SETTLED: State.CURRENT,
            Event.WRITTEN_OFF: State.WRITTEN_OFF,
        },
        State.NOTICE_SERVED: {
            Event.REMINDED: State.NOTICE_SERVED,
            Event.FELL_OVERDUE: State.NOTICE_SERVED,
            Event.NOTICE_PROVED: State.NOTICE_SERVED,
            Event.CUT_PROPOSED: State.DISCONNECTION_PROPOSED,
            Event.CUT_DONE: State.DISCONNECTED,
            Event.PART_PAID: State.NOTICE_SERVED,
            Event.LADDER_RESTARTED: State.OVERDUE,
            Event.SETTLED: State.CURRENT,
            Event.WRITTEN_OFF: State.WRITTEN_OFF,
        },
        State.DISCONNECTION_PROPOSED: {
            Event.REMINDED: State.DISCONNECTION_PROPOSED,
            Event.FELL_OVERDUE: State.DISCONNECTION_PROPOSED,
            Event.NOTICE_PROVED: State.DISCONNECTION_PROPOSED,
            Event.CUT_PROPOSED: State.DISCONNECTION_PROPOSED,
            Event.CUT_DECLINED: State.NOTICE_SERVED,
            Event.CUT_DONE: State.DISCONNECTED,
            Event.PART_PAID: State.DISCONNECTION_PROPOSED,
            Event.LADDER_RESTARTED: State.OVERDUE,
            Event.SETTLED: State.CURRENT,
        },
        State.DISCONNECTED: {
            Event.REMINDED: State.DISCONNECTED,
            Event.FELL_OVERDUE: State.DISCONNECTED,
            Event.CUT_DONE: State.DISCONNECTED,
            Event.SUPPLY_BACK: State.OVERDUE,
            Event.PART_PAID: State.DISCONNECTED,
            Event.LADDER_RESTARTED: State.DISCONNECTED,
            Event.SETTLED: State.RECONNECTED,
            Event.WRITTEN_OFF: State.WRITTEN_OFF,
        },
        State.RECONNECTED: {
            Event.REMINDED: State.REMINDED,
            Event.FELL_OVERDUE: State.OVERDUE,
            Event.CUT_DONE: State.RECONNECTED,
            Event.SUPPLY_BACK: State.CURRENT,
            Event.PART_PAID: State.RECONNECTED,
            Event.SETTLED: State.RECONNECTED,
        },
        State.WRITTEN_OFF: {
            Event.REMINDED: State.WRITTEN_OFF,
            Event.FELL_OVERDUE: State.OVERDUE,
            Event.SUPPLY_BACK: State.WRITTEN_OFF,
            Event.PART_PAID: State.WRITTEN_OFF,
            Event.SETTLED: State.CURRENT,
        },
    }
)
"""Where each event leads from each rung; what is not here is refused."""

OPENS: Final[Mapping[Event, tuple[Hold, frozenset[State]]]] = MappingProxyType(
    {
        Event.PROMISE_MADE: (
            Hold.PROMISE,
            frozenset({State.REMINDED, State.OVERDUE, State.NOTICE_SERVED, State.DISCONNECTION_PROPOSED}),
        ),
        Event.PLAN_AGREED: (
            Hold.PLAN,
            frozenset(
                {
                    State.REMINDED,
                    State.OVERDUE,
                    State.NOTICE_SERVED,
                    State.DISCONNECTION_PROPOSED,
                    State.DISCONNECTED,
                }
            ),
        ),
        Event.DISPUTE_OPENED: (Hold.DISPUTE, frozenset(RUNGS) - {State.WRITTEN_OFF}),
        Event.SHIELD_SET: (Hold.SHIELD, frozenset(RUNGS)),
    }
)
"""Which hold an event lays on, and the rungs on which it may."""

LIFTS: Final[Mapping[Event, Hold]] = MappingProxyType(
    {
        Event.PROMISE_BROKEN: Hold.PROMISE,
        Event.PLAN_BROKEN: Hold.PLAN,
        Event.DISPUTE_CLOSED: Hold.DISPUTE,
        Event.SHIELD_ENDED: Hold.SHIELD,
    }
)
"""Which hold an event takes away."""

HARSH: Final = frozenset({Event.NOTICE_PROVED, Event.CUT_PROPOSED, Event.WRITTEN_OFF})
"""What nobody may do to an account that something holds."""

_KEPT: Final = frozenset({Hold.PROMISE, Hold.PLAN})
_BROKEN: Final = frozenset({Event.PROMISE_BROKEN, Event.PLAN_BROKEN})


def moved(standing: Standing, event: Event) -> Standing | None:
    """Return where an event leads; None where it is refused.

    A hold takes back a proposal to cut, and calls for the supply of who was cut: no cut stands during a plan, a dispute
    or a shield. A promise or plan that is broken leads one step back: its notice has to be served again. Settlement
    ends promises and plans; a dispute goes on, and so does a shield.
    """
    if event in OPENS:
        return _opened(standing, event)
    if event in LIFTS:
        return _lifted(standing, event)
    rung = None if event in HARSH and standing.holds else MOVES[standing.rung].get(event)
    if rung is None:
        return None
    if event is Event.SETTLED:
        return Standing(rung, standing.holds - _KEPT)
    # A cut that was under way when the hold was laid on: the fact is noted, and the supply is asked back for at once.
    return replace(standing, rung=_eased(rung) if standing.holds else rung)


def _opened(standing: Standing, event: Event) -> Standing | None:
    hold, rungs = OPENS[event]
    return Standing(_eased(standing.rung), standing.holds | {hold}) if standing.rung in rungs else None


def _lifted(standing: Standing, event: Event) -> Standing | None:
    hold = LIFTS[event]
    rung = _one_back(standing.rung) if event in _BROKEN else standing.rung
    return Standing(rung, standing.holds - {hold}) if hold in standing.holds else None


def restores(before: Standing, after: Standing, event: Event) -> bool:
    """Tell whether the field system is to be asked to restore the supply because of an event."""
    if event is Event.CUT_DONE:
        return after.rung is not State.DISCONNECTED
    return (
        before.rung is State.DISCONNECTED
        and event not in {Event.SUPPLY_BACK, Event.WRITTEN_OFF}
        and (after.rung is not State.DISCONNECTED)
    )


def _eased(rung: State) -> State:
    return {State.DISCONNECTION_PROPOSED: State.NOTICE_SERVED, State.DISCONNECTED: State.OVERDUE}.get(rung, rung)


def _one_back(rung: State) -> State:
    return State.OVERDUE if rung is State.NOTICE_SERVED else rung
