"""The way to a cut and back: with proof, by two persons, at a lawful hour, and over the moment it is paid."""

import asyncio
from datetime import timedelta
from decimal import Decimal

from gridhall.billing.accounts.model import Account
from gridhall.billing.approvals.operations import Decided, Overtaken, SamePerson, decide
from gridhall.billing.arrears.cutting.gate import PAYING, hand_over, report
from gridhall.billing.arrears.cutting.model import NoticeKind
from gridhall.billing.arrears.cutting.operations import propose
from gridhall.billing.arrears.operations import scan
from gridhall.billing.arrears.shielding import Shield, shield
from gridhall.billing.arrears.states import State
from gridhall.billing.services import Billing
from gridhall.billing.supply.model import SupplyKind, SupplyState
from gridhall.kit.money import round_to_fen
from gridhall.kit.mongo import Mongo
from gridhall.kit.subject import Refusal
from tests.factories.arrears import (
    agreed,
    approved,
    asked_for_cut,
    at,
    cut,
    day,
    notice,
    pay,
    proposed,
    served,
    state,
    walk,
)
from tests.factories.payments import an_intent
from tests.integration.billing.conftest import Issue


async def test_the_ladder_leads_to_a_notice_and_without_proof_no_further(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    await walk(billing, until=-1)
    assert await state(billing, account) is State.REMINDED
    await walk(billing, until=1, begin=0)
    assert await state(billing, account) is State.OVERDUE
    for offset in (3, 10, 20, 30, 80):
        await walk(billing, until=offset, begin=offset)
    assert await state(billing, account) is State.OVERDUE
    made = await notice(billing, account)
    assert [line.bill_id for line in made.lines] == [bill.id]
    assert made.penalty == round_to_fen(Decimal(30 * bill.total) / 100_000)  # 1‰ a day for thirty days
    may = await propose(cutting=billing.follow_up.cutting, account_id=account.id, now=at(day(80)))
    assert may == Refusal("arrears.cut_not_notified")


async def test_a_cut_is_proposed_only_after_the_days_of_a_proven_notice(
    billing: Billing, account: Account, issue: Issue
) -> None:
    await issue()
    for offset in (1, 20, 30):
        await walk(billing, until=offset, begin=offset)
    await served(billing, account, on=day(31))
    assert await state(billing, account) is State.NOTICE_SERVED
    cutting = billing.follow_up.cutting
    assert isinstance(await propose(cutting=cutting, account_id=account.id, now=at(day(38))), Refusal)
    assert await propose(cutting=cutting, account_id=account.id, now=at(day(39))) is True
    assert await state(billing, account) is State.DISCONNECTION_PROPOSED
    assert await billing.arrears.following.supply.of_accounts([account.id]) == []


async def test_a_cut_needs_two_persons_a_last_call_and_an_hour_of_a_working_day(
    billing: Billing, account: Account, issue: Issue
) -> None:
    await issue()
    on = await proposed(billing, account)
    asked = await asked_for_cut(billing, account, on=on)
    same = await decide(
        approvals=billing.approvals,
        request_id=asked.id,
        by="collector",
        approve=True,
        reason="",
        now=at(on, 11),
    )
    assert isinstance(same, SamePerson)
    friday = on + timedelta(days=(4 - on.weekday()) % 7)
    await decide(
        approvals=billing.approvals,
        request_id=asked.id,
        by="supervisor",
        approve=True,
        reason="looked at",
        now=at(friday, 11),
    )
    (request,) = await billing.arrears.following.supply.of_accounts([account.id])
    assert (request.kind, request.state) == (SupplyKind.DISCONNECT, SupplyState.ASKED)
    # A Friday is the eve of two days off: not before Monday morning.
    assert request.not_before == at(friday + timedelta(days=3), 9)
    early = await hand_over(cause=billing.follow_up.cutting, request=request, reference="F1", now=at(friday, 23))
    assert early is None


async def test_paying_after_a_cut_asks_for_the_supply_in_the_same_moment(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    on = await cut(billing, account)
    await pay(billing, account, bill.total, now=at(on, 20))
    assert await state(billing, account) is State.RECONNECTED
    (asked,) = await billing.arrears.following.supply.open_of(account.id, kind=SupplyKind.RECONNECT)
    assert asked.due_by == at(on, 20) + timedelta(hours=24)
    cutting = billing.follow_up.cutting
    taken = await hand_over(cause=cutting, request=asked, reference="F2", now=at(on, 21))
    assert taken
    await report(cause=cutting, request=taken, done=True, note="", now=at(on, 22))
    assert await state(billing, account) is State.CURRENT


async def test_paying_before_the_field_system_takes_the_request_withdraws_it(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    on = await proposed(billing, account)
    await approved(billing, account, on=on)
    await pay(billing, account, bill.total, now=at(on, 10, 45))
    (request,) = await billing.arrears.following.supply.of_accounts([account.id])
    assert request.state is SupplyState.WITHDRAWN
    assert await state(billing, account) is State.CURRENT


async def test_paying_while_the_field_system_acts_asks_it_to_restore_as_well(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    on = await proposed(billing, account)
    on += timedelta(days=(7 - on.weekday()) % 7 + 1)
    await approved(billing, account, on=on)
    (request,) = await billing.arrears.following.supply.of_accounts([account.id])
    taken = await hand_over(cause=billing.follow_up.cutting, request=request, reference="F1", now=at(on, 12))
    assert taken
    await pay(billing, account, bill.total, now=at(on, 12, 1))
    assert len(await billing.arrears.following.supply.open_of(account.id, kind=SupplyKind.RECONNECT)) == 1
    await report(cause=billing.follow_up.cutting, request=taken, done=True, note="", now=at(on, 12, 2))
    assert await state(billing, account) is State.RECONNECTED


async def test_an_approval_is_overtaken_by_a_shield_a_promise_or_a_dispute(
    billing: Billing, mongo: Mongo, account: Account, issue: Issue
) -> None:
    await issue()
    on = await proposed(billing, account)
    asked = await asked_for_cut(billing, account, on=on)
    await shield(
        mongo=mongo,
        following=billing.arrears.following,
        account_id=account.id,
        why=Shield.LIFE_SUPPORT,
        by="agent",
        note="a ventilator",
        now=at(on, 10, 5),
    )
    decided = await agreed(billing, asked, on=on)
    assert isinstance(decided, Overtaken)
    assert await billing.arrears.following.supply.of_accounts([account.id]) == []
    assert await state(billing, account) is State.SHIELDED


async def test_what_could_not_be_cut_while_somebody_paid_is_proposed_and_approved_another_day(
    billing: Billing, account: Account, issue: Issue
) -> None:
    await issue()
    on = await proposed(billing, account)
    asked = await asked_for_cut(billing, account, on=on)
    await billing.follow_up.cutting.intents.add(an_intent(account.id, 100, started_at=at(on, 10, 20)))
    decided = await agreed(billing, asked, on=on)
    assert isinstance(decided, Overtaken)
    assert decided.request.decision == PAYING.code
    assert await state(billing, account) is State.NOTICE_SERVED
    on += timedelta(days=1)
    assert await propose(cutting=billing.follow_up.cutting, account_id=account.id, now=at(on)) is True
    assert isinstance(await approved(billing, account, on=on), Decided)


async def test_a_part_payment_is_no_reason_for_anything_harsher_on_its_day(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    await walk(billing, until=29)
    await pay(billing, account, 1000, now=at(day(30), 8))
    await scan(arrears=billing.arrears, region="zhejiang", today=day(30), now=at(day(30)))
    kinds = [one.kind for one in await billing.arrears.notices.of_accounts([account.id])]
    assert NoticeKind.DISCONNECTION not in kinds
    await scan(arrears=billing.arrears, region="zhejiang", today=day(31), now=at(day(31)))
    made = await notice(billing, account)
    assert made.lines[0].owed == bill.total - 1000


async def test_paying_and_cutting_at_once_never_leaves_a_payer_in_the_dark(
    billing: Billing, account: Account, issue: Issue
) -> None:
    bill = await issue()
    on = await proposed(billing, account)
    on += timedelta(days=(7 - on.weekday()) % 7 + 1)
    await approved(billing, account, on=on)
    (request,) = await billing.arrears.following.supply.of_accounts([account.id])
    cutting = billing.follow_up.cutting

    async def field() -> None:
        taken = await hand_over(cause=cutting, request=request, reference="F1", now=at(on, 12))
        if taken:
            await report(cause=cutting, request=taken, done=True, note="", now=at(on, 12))

    await asyncio.gather(field(), pay(billing, account, bill.total, now=at(on, 12)))
    asked = {one.kind: one.state for one in await billing.arrears.following.supply.of_accounts([account.id])}
    assert asked[SupplyKind.DISCONNECT] is SupplyState.WITHDRAWN or asked[SupplyKind.RECONNECT] is SupplyState.ASKED
    assert await state(billing, account) in {State.CURRENT, State.RECONNECTED}


async def test_the_last_call_names_what_is_overdue_and_no_bill_that_is_not_due_yet(
    billing: Billing, account: Account, issue: Issue, mongo: Mongo
) -> None:
    late = await issue()
    on = await proposed(billing, account)
    await issue("2026-10", due_on=on + timedelta(days=20))
    await approved(billing, account, on=on)
    (told,) = [one async for one in mongo["outbox"].find({"kind": "billing.cut_ahead"})]
    assert told["payload"]["fen"] == late.total
