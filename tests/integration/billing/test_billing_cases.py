"""Cases of bills and money: opened once, taken, handed over, closed."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from gridhall.billing.cases.model import Case, CaseKind, CaseState, case_of
from gridhall.billing.cases.operations import CaseChanged, CaseClosedBefore, Cases, close, open_cases, take
from gridhall.billing.cases.repository import CaseRepository, Wanted
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo
from tests.factories.rooms import ensure_indexes

NOW = datetime(2026, 9, 28, 2, tzinfo=UTC)
MONDAY = date(2026, 9, 28)


@pytest.fixture
async def cases(mongo: Mongo) -> Cases:
    await ensure_indexes(mongo)
    return Cases(mongo=mongo, cases=CaseRepository(mongo))


def a_difference(number: int = 1, *, org_path: str = "grid/city", today: date = MONDAY) -> Case:
    return case_of(
        kind=CaseKind.STATEMENT_DIFFERENCE,
        key=f"statement:2026-09-27:{number}",
        region="zhejiang",
        org_path=org_path,
        amount=Fen(-7812),
        evidence=(("ours", "78.12"), ("theirs", "0.00")),
        now=NOW,
        today=today,
    )


async def test_a_difference_found_again_is_the_same_case(cases: Cases) -> None:
    opened = await asyncio.gather(*(open_cases(cases, [a_difference(1), a_difference(2)]) for _ in range(4)))
    assert sum(opened) == 2
    case = a_difference()
    assert (await cases.cases.load([case.id]))[case.id] == case


async def test_it_is_due_in_five_working_days_over_the_national_holidays(cases: Cases) -> None:
    await open_cases(cases, [a_difference()])
    (case,) = await cases.cases.page(Wanted("zhejiang"), after=None, limit=10)
    assert case.due_on == date(2026, 10, 10)


async def test_it_is_taken_handed_over_and_closed_with_every_step_kept(cases: Cases) -> None:
    case = a_difference()
    await open_cases(cases, [case])
    await take(cases=cases, case_id=case.id, owner="chen.jie", by="chen.jie", now=NOW)
    await take(cases=cases, case_id=case.id, owner="li.na", by="chen.jie", now=NOW)
    outcome = await close(cases=cases, case_id=case.id, by="li.na", reason="refunded by hand", now=NOW)
    assert isinstance(outcome, CaseChanged)
    kept = (await cases.cases.load([case.id]))[case.id]
    assert (kept.state, kept.owner, kept.closing) == (CaseState.CLOSED, "li.na", "refunded by hand")
    assert [(step.by, step.state, step.note) for step in kept.steps] == [
        ("system", CaseState.OPEN, ""),
        ("chen.jie", CaseState.TAKEN, ""),
        ("chen.jie", CaseState.TAKEN, "li.na"),
        ("li.na", CaseState.CLOSED, "refunded by hand"),
    ]


async def test_taking_what_one_has_changes_nothing(cases: Cases) -> None:
    case = a_difference()
    await open_cases(cases, [case])
    for _ in range(2):
        await take(cases=cases, case_id=case.id, owner="li.na", by="li.na", now=NOW)
    assert len((await cases.cases.load([case.id]))[case.id].steps) == 2


async def test_a_closed_one_stays_closed_even_if_it_is_found_again(cases: Cases) -> None:
    case = a_difference()
    await open_cases(cases, [case])
    await close(cases=cases, case_id=case.id, by="li.na", reason="rounding at the bank", now=NOW)
    assert await open_cases(cases, [case]) == 0
    outcome = await take(cases=cases, case_id=case.id, owner="x", by="x", now=NOW)
    assert isinstance(outcome, CaseClosedBefore)
    assert not await cases.cases.page(Wanted("zhejiang"), after=None, limit=10)


async def test_a_unit_sees_its_own_what_is_due_first_on_top(cases: Cases) -> None:
    late, soon = a_difference(1, today=date(2026, 11, 9)), a_difference(2)
    await open_cases(cases, [late, soon, a_difference(3, org_path="grid/village")])
    wanted = Wanted("zhejiang", units=("grid/city",))
    first = await cases.cases.page(wanted, after=None, limit=1)
    rest = await cases.cases.page(wanted, after=(first[0].due_on, first[0].id), limit=5)
    assert [*first, *rest] == [soon, late]
