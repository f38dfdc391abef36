"""Formal notices: sent with proof that they arrived, never to who has paid; and the last call at its hour."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.cutting.model import Notice, NoticeKind, ProofWay
from gridhall.billing.arrears.cutting.notices import balance_notice
from gridhall.billing.arrears.following import bills_issued
from gridhall.billing.arrears.operations import scan
from gridhall.billing.arrears.states import State
from gridhall.billing.bills.model import Bill
from gridhall.billing.ledger.model import Book
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import charge
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.prepayment.model import Prepayment, begun
from gridhall.billing.supply.model import SupplyKind, SupplyState, requests_for
from gridhall.crm.customers.model import Customer
from gridhall.kit.clock import FixedClock
from gridhall.kit.ids import new_id
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction
from gridhall.kit.outbox import Event
from gridhall.notifications.channels.port import SendResult, SendState
from gridhall.notifications.ledger.model import DeliveryState
from gridhall.notifications.sending.deliver import deliver
from gridhall.notifications.sending.gates import Gates
from gridhall.notifications.sending.post_office import PostOffice
from gridhall.notifications.triggers.notices import prove_notices, tell_cuts, tell_notices
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill
from tests.factories.rooms import Rooms, all_documents
from tests.integration.notifications.conftest import Obedient

DUE = date(2026, 9, 21)
NOTICE_DAY = DUE + timedelta(days=30)
MORNING = datetime.combine(NOTICE_DAY, time(1), UTC)
"""09:00 in Asia/Shanghai."""


@pytest.fixture
async def account(rooms: Rooms, customer: Customer) -> Account:
    account = an_account(7)
    await rooms.billing.accounts.add([account])
    await rooms.people.holders.put({account.id: customer.id})
    return account


@pytest.fixture
async def bill(rooms: Rooms, account: Account) -> Bill:
    bill = a_bill(account, "2026-08", due_on=DUE)

    async def write(transaction: Transaction) -> None:
        await rooms.billing.bills.add([bill], transaction=transaction)
        await bills_issued(following=rooms.billing.arrears.following, bills=[bill], transaction=transaction)
        posting = charge(account=account, bill_id=bill.id, total=bill.total, now=MORNING)
        await post(
            postings=[posting], ledger=rooms.billing.ledger, accounts=rooms.billing.accounts, transaction=transaction
        )

    await rooms.mongo.transact(write)
    return bill


@pytest.fixture
def post_office(rooms: Rooms, office: PostOffice) -> PostOffice:
    return replace(office, gates=Gates(None, rooms.post.office.gates.checks))


async def told(rooms: Rooms, office: PostOffice) -> list[str]:
    """Scan on the day of the notice, and write what is to be sent."""
    await scan(arrears=rooms.billing.arrears, region="zhejiang", today=NOTICE_DAY, now=MORNING)
    events = await rooms.outbox.waiting(before=MORNING + timedelta(days=1), limit=100)
    made = [event.id for event in events if event.kind == "billing.notice_made"]
    return await tell_notices(
        newsroom=replace(rooms.post.newsroom, office=office),
        serving=rooms.billing.follow_up.serving,
        event_ids=made,
        now=MORNING,
    )


async def prove(rooms: Rooms) -> int:
    serving, deliveries = rooms.billing.follow_up.serving, rooms.post.office.deliveries
    return await prove_notices(serving=serving, deliveries=deliveries, region="zhejiang", now=MORNING)


async def pay(rooms: Rooms, bill: Bill) -> None:
    payment = PaymentReceived.for_account("counter", str(new_id()), bill.account_id, bill.total, MORNING)
    await settle(payments=rooms.billing.payments, payment=payment, cash=Book.CASH_COUNTER, now=MORNING)


async def test_a_message_that_its_gateway_took_is_the_proof_of_a_notice(
    rooms: Rooms, account: Account, bill: Bill, post_office: PostOffice
) -> None:
    del bill
    keys = await told(rooms, post_office)
    assert await prove(rooms) == 0
    await deliver(office=post_office, keys=keys, clock=FixedClock(MORNING))
    assert await prove(rooms) > 0
    assert await prove(rooms) == 0
    (notice,) = await rooms.billing.arrears.notices.of_accounts([account.id])
    assert notice.kind is NoticeKind.DISCONNECTION
    assert {proof.way for proof in notice.proofs} <= {ProofWay.SMS, ProofWay.MAIL}
    assert notice.served_at == MORNING
    pursuit = (await rooms.billing.arrears.following.pursuits.load([account.id]))[account.id]
    assert pursuit.state is State.NOTICE_SERVED


async def test_the_notice_of_a_balance_is_proven_likewise_and_not_sent_once_it_was_topped_up(
    rooms: Rooms, account: Account, post_office: PostOffice, mail: Obedient
) -> None:
    serving = rooms.billing.follow_up.serving
    for offset, empty in ((0, True), (1, False)):
        now = MORNING + timedelta(days=offset)
        made, event = balance_notice(account, balance=Fen(-1280), days=7, today=now.date(), now=now)
        stands = replace(begun(account, since=now.date()), empty_since=now.date() if empty else None)

        async def write(
            transaction: Transaction, made: Notice = made, event: Event = event, stands: Prepayment = stands
        ) -> None:
            await serving.notices.add([made], transaction=transaction)
            await serving.following.prepayments.put([stands], transaction=transaction)
            await rooms.outbox.add([event], transaction=transaction)

        await rooms.mongo.transact(write)
        newsroom = replace(rooms.post.newsroom, office=post_office)
        keys = await tell_notices(newsroom=newsroom, serving=serving, event_ids=[event.id], now=now)
        states = await deliver(office=post_office, keys=keys, clock=FixedClock(now))
        assert (set(states.values()) == {DeliveryState.SUPPRESSED}) is not empty
    assert await prove(rooms) > 0
    unserved, served = await serving.notices.of_accounts([account.id])
    assert (unserved.served_at, served.served_at) == (None, MORNING)
    assert len(mail.sent) == 2, "one mail and one text message, of the first"


async def test_a_message_of_which_nobody_knows_whether_it_went_out_proves_nothing(
    rooms: Rooms, bill: Bill, post_office: PostOffice, mail: Obedient
) -> None:
    del bill
    mail.answers = [SendResult(SendState.UNKNOWN)]
    keys = await told(rooms, post_office)
    mails = [key for key in keys if key.endswith(":mail")]
    await deliver(office=post_office, keys=mails, clock=FixedClock(MORNING))
    assert await prove(rooms) == 0


async def test_a_notice_is_not_sent_to_who_paid_meanwhile(
    rooms: Rooms, bill: Bill, post_office: PostOffice, mail: Obedient
) -> None:
    keys = await told(rooms, post_office)
    await pay(rooms, bill)
    states = await deliver(office=post_office, keys=keys, clock=FixedClock(MORNING))
    assert set(states.values()) == {DeliveryState.SUPPRESSED}
    assert mail.sent == []


async def test_the_last_call_waits_for_its_hour_and_is_not_made_to_who_paid(
    rooms: Rooms, account: Account, bill: Bill, post_office: PostOffice
) -> None:
    del bill
    call_at, cut_at = MORNING + timedelta(hours=1), MORNING + timedelta(hours=2)
    asked = requests_for(
        account, kind=SupplyKind.DISCONNECT, cause="c", reason="arrears", by="s", now=MORNING, not_before=cut_at
    )
    payload = {"call_at": call_at.isoformat(), "cut_at": cut_at.isoformat(), "notice_id": str(new_id()), "fen": 4321}
    event = Event("billing.cut_ahead", account.id, MORNING, payload)
    supply = rooms.billing.arrears.following.supply

    async def write(transaction: Transaction) -> None:
        await supply.ask(asked, transaction=transaction)
        await rooms.outbox.add([event], transaction=transaction)

    await rooms.mongo.transact(write)
    newsroom = replace(rooms.post.newsroom, office=post_office)
    keys = await tell_cuts(newsroom=newsroom, event_ids=[event.id], now=MORNING)
    early = await deliver(office=post_office, keys=keys, clock=FixedClock(MORNING))
    assert set(early.values()) == {DeliveryState.PENDING}
    owed = {one["data"]["owed"] for one in await all_documents(rooms.mongo, "deliveries")}
    assert owed == {4321}, "what is overdue, and no more"
    assert await post_office.deliveries.due(now=call_at - timedelta(minutes=1), limit=5) == []
    withdrawn = asked[0].at(SupplyState.WITHDRAWN, now=MORNING)
    await supply.move(withdrawn, was=[SupplyState.ASKED])
    late = await deliver(office=post_office, keys=keys, clock=FixedClock(call_at))
    assert set(late.values()) == {DeliveryState.SUPPRESSED}
