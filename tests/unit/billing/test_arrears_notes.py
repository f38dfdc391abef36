"""Notes of the system are read as they were written, and what a person said is never taken for one."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.arrears.notes import (
    CUT_APPROVED,
    PENALTY_LOWERED,
    Form,
    Said,
    rates_read,
    rates_written,
    read,
    written,
)
from gridhall.billing.arrears.states import Event
from gridhall.kit.money import Fen

AT = datetime(2026, 9, 25, 1, 30, tzinfo=UTC).isoformat()
RATES = [(date(2026, 9, 25), Fen(1200)), (date(2026, 10, 25), Fen(800))]
NOTES: dict[Form, tuple[str, dict[str, object], str]] = {
    Form.PAID_EARLIER: (PENALTY_LOWERED, {"day": date(2026, 9, 25), "fen": 12}, "paid on 2026-09-25: 12 fen less"),
    Form.CHANNEL_DOWN: (
        PENALTY_LOWERED,
        {"channel": "online", "first": date(2026, 9, 25), "last": date(2026, 9, 26), "fen": 12},
        "online was down 2026-09-25 to 2026-09-26: 12 fen less",
    ),
    Form.OWED_AFTER: (Event.PART_PAID, {"fen": 1200}, "1200 fen owed after it"),
    Form.BILL_CANCELLED: (Event.SETTLED, {}, "bill cancelled"),
    Form.RATES: (
        Event.PLAN_AGREED,
        {"rates": rates_written(RATES)},
        "2026-09-25: 1200 fen, 2026-10-25: 800 fen",
    ),
    Form.UNPAID: (Event.PLAN_BROKEN, {"day": date(2026, 9, 25)}, "2026-09-25 not paid"),
    Form.SERVED: (Event.NOTICE_PROVED, {"way": "paper", "reference": ""}, "paper"),
    Form.ON_NOTICE: (Event.CUT_PROPOSED, {"id": UUID(int=1)}, f"notice {UUID(int=1)}"),
    Form.NOT_BEFORE: (CUT_APPROVED, {"at": AT}, f"not before {AT}"),
    Form.CALLED_OFF: (Event.CUT_DECLINED, {"code": "arrears.cut_held"}, "arrears.cut_held"),
    Form.SUPPLY: (Event.CUT_DONE, {"kind": "disconnect", "reference": "F 1"}, "disconnect F 1"),
    Form.ANSWERED: (Event.DISPUTE_CLOSED, {"state": "upheld", "text": "表快：\n换表"}, "upheld: 表快：\n换表"),
    Form.SHIELDED: (Event.SHIELD_SET, {"why": "hardship", "text": ""}, "hardship:"),
}


@pytest.mark.parametrize("form", Form)
def test_a_note_is_read_as_it_was_written(form: Form) -> None:
    event, values, note = NOTES[form]
    assert written(form, **values) == note
    assert read(event, note) == Said(form, {name: str(value) for name, value in values.items()})


@pytest.mark.parametrize(
    ("event", "note"),
    [
        (Event.CUT_DECLINED, "老人独居，暂缓"),
        (Event.DISPUTE_OPENED, "P-1: 1200 fen too much"),
        (Event.WRITTEN_OFF, "bill cancelled"),
        (Event.PART_PAID, ""),
    ],
)
def test_what_a_person_said_and_what_has_no_form_is_none(event: Event, note: str) -> None:
    assert read(event, note) is None


def test_what_is_to_be_paid_by_when_comes_back() -> None:
    assert rates_read(rates_written(RATES)) == RATES


@given(state=st.sampled_from(["upheld", "refused"]), text=st.text().map(str.strip))
def test_an_answer_comes_back_whatever_it_is(state: str, text: str) -> None:
    said = read(Event.DISPUTE_CLOSED, written(Form.ANSWERED, state=state, text=text))
    assert said == Said(Form.ANSWERED, {"state": state, "text": text})
