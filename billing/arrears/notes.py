"""What the system notes in the history of an account: a few forms with values, so that others can say them in words.

A form is written and read in this one place. What a person said is among the values, as `text`, or is no form at all.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from gridhall.billing.arrears.states import Event
from gridhall.kit.money import Fen

PENALTY_LOWERED: Final = "penalty_lowered"
CUT_APPROVED: Final = "cut_approved"


class Form(StrEnum):
    """How a note is written."""

    PAID_EARLIER = "paid_earlier"
    CHANNEL_DOWN = "channel_down"
    OWED_AFTER = "owed_after"
    BILL_CANCELLED = "bill_cancelled"
    RATES = "rates"
    UNPAID = "unpaid"
    SERVED = "served"
    ON_NOTICE = "on_notice"
    NOT_BEFORE = "not_before"
    CALLED_OFF = "called_off"
    SUPPLY = "supply"
    ANSWERED = "answered"
    SHIELDED = "shielded"


_WRITTEN: Final[Mapping[Form, str]] = MappingProxyType(
    {
        Form.PAID_EARLIER: "paid on {day}: {fen} fen less",
        Form.CHANNEL_DOWN: "{channel} was down {first} to {last}: {fen} fen less",
        Form.OWED_AFTER: "{fen} fen owed after it",
        Form.BILL_CANCELLED: "bill cancelled",
        Form.RATES: "{rates}",
        Form.UNPAID: "{day} not paid",
        Form.SERVED: "{way} {reference}",
        Form.ON_NOTICE: "notice {id}",
        Form.NOT_BEFORE: "not before {at}",
        Form.CALLED_OFF: "{code}",
        Form.SUPPLY: "{kind} {reference}",
        Form.ANSWERED: "{state}: {text}",
        Form.SHIELDED: "{why}: {text}",
    }
)

_RATE: Final = r"\d{4}-\d\d-\d\d: \d+ fen"
_SHAPES: Final[Mapping[str, str]] = MappingProxyType(
    {"fen": r"\d+", "code": r"arrears\.\w+", "rates": f"{_RATE}(?:, {_RATE})*", "text": ".*", "reference": ".*"}
)
"""What a value looks like; one that is not here is a word without a blank."""

_OF_EVENT: Final[Mapping[str, tuple[Form, ...]]] = MappingProxyType(
    {
        PENALTY_LOWERED: (Form.PAID_EARLIER, Form.CHANNEL_DOWN),
        CUT_APPROVED: (Form.NOT_BEFORE,),
        Event.SETTLED: (Form.OWED_AFTER, Form.BILL_CANCELLED),
        Event.PART_PAID: (Form.OWED_AFTER, Form.BILL_CANCELLED),
        Event.LADDER_RESTARTED: (Form.OWED_AFTER,),
        Event.PROMISE_MADE: (Form.RATES,),
        Event.PLAN_AGREED: (Form.RATES,),
        Event.PROMISE_BROKEN: (Form.UNPAID,),
        Event.PLAN_BROKEN: (Form.UNPAID,),
        Event.NOTICE_PROVED: (Form.SERVED,),
        Event.CUT_PROPOSED: (Form.ON_NOTICE,),
        Event.CUT_DECLINED: (Form.CALLED_OFF,),
        Event.CUT_DONE: (Form.SUPPLY,),
        Event.SUPPLY_BACK: (Form.SUPPLY,),
        Event.DISPUTE_CLOSED: (Form.ANSWERED,),
        Event.SHIELD_SET: (Form.SHIELDED,),
    }
)


@dataclass(frozen=True, slots=True)
class Said:
    """A note as it was read. values: by name, as texts: codes, days, instants, fen, and what a person said."""

    form: Form
    values: Mapping[str, str]


def rates_written(rates: Iterable[tuple[date, Fen]]) -> str:
    """Return the value `rates`: what is to be paid by when."""
    return ", ".join(f"{day}: {amount} fen" for day, amount in rates)


def rates_read(rates: str) -> list[tuple[date, Fen]]:
    """Return what was written as `rates`."""
    pieces = (piece.removesuffix(" fen").split(": ") for piece in rates.split(", "))
    return [(date.fromisoformat(day), Fen(int(amount))) for day, amount in pieces]


def written(form: Form, **values: object) -> str:
    """Return a note."""
    return _WRITTEN[form].format_map(values).strip()


def read(event: str, note: str) -> Said | None:
    """Return what the note of an event says; None where it is what a person said."""
    for form in _OF_EVENT.get(event, ()):
        # A value at the end may be empty, and the blank before it is not kept.
        found = _pattern(form).fullmatch(note) or _pattern(form).fullmatch(f"{note} ")
        if found:
            return Said(form, found.groupdict())
    return None


@lru_cache
def _pattern(form: Form) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", _WRITTEN[form])
    names = [f"(?P<{name}>{_SHAPES.get(name, '[^ ]+')})" for name in pieces[1::2]]
    plain = [re.escape(piece) for piece in pieces[::2]]
    return re.compile("".join(piece for pair in zip(plain, [*names, ""], strict=True) for piece in pair), re.DOTALL)
