"""Prepayment and digital invoices as the workers do them: from the job that starts it to what the customer reads."""

from datetime import date, timedelta

from gridhall.billing.accounts.model import Account, AccountId, PointLink, PrepaidStay, TariffLink
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.bills.model import Bill
from gridhall.billing.credits.operations import Rebilled, rebill
from gridhall.billing.invoices.model import Invoice, State, Title, TitleKind
from gridhall.billing.invoices.operations import request
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.prepayment.model import Level
from gridhall.crm.customers.model import Binding, Customer, Role
from gridhall.kit.ids import new_id
from gridhall.kit.jobs import CeleryQueue, producer
from gridhall.kit.localdays import Days, Month, local_day
from gridhall.kit.money import Fen
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from gridhall.workers import names
from tests.factories.accounts import point_of
from tests.factories.app import eventually
from tests.factories.people import a_customer
from tests.factories.reads import ZONE, a_read
from tests.factories.service import Service

REGION = "hunan"
"""A region of its own: the journeys share one service."""

FIRM = Title(TitleKind.FIRM, "长沙某某有限公司", "91430100MA27X12345")


def queue_of(service: Service) -> CeleryQueue:
    routes = {name: {"queue": queue} for name, queue in names.QUEUES.items()}
    return CeleryQueue(producer(str(service.settings.redis_uri), routes=routes))


async def a_household(service: Service, number: int, *, since: date, prepaid: bool = False) -> tuple[Account, Customer]:
    """An account with its owner, who reads the inbox."""
    hall, now = service.state.hall, service.state.clock.now()
    account = Account(
        id=AccountId(new_id()),
        number=f"4301{number:09d}",
        region=REGION,
        org_path="grid/city",
        address=f"湖南省长沙市岳麓区麓山路{number}号",
        kept_since=since,
        points=(PointLink(new_id(), since),),
        tariffs=(TariffLink("hunan-residential", since),),
        prepaid_stays=(PrepaidStay(since),) if prepaid else (),
    )
    await hall.billing.accounts.add([account])
    customer = await hall.people.customers.get_or_add(a_customer(number, mail=None), now=now)
    await hall.people.holders.put({account.id: customer.id})
    await hall.people.customers.bind(customer.id, Binding(account.id, Role.OWNER, now))
    return account, customer


async def pay(service: Service, account: Account, fen: int) -> None:
    now = service.state.clock.now()
    money = PaymentReceived.for_account("bank", f"paid-{account.number}", account.id, Fen(fen), now)
    await settle(payments=service.state.hall.billing.payments, payment=money, cash=Book.CASH_BANK, now=now)


async def told(service: Service, customer: Customer, kind: str) -> list[dict[str, object]]:
    """What the customer's inbox says of a kind, newest first."""
    found = await service.state.hall.post_room.inbox.page(customer.id, after=None, limit=20)
    return [dict(one.data) for one in found if one.kind == kind]


async def test_a_sinking_balance_is_reckoned_by_jobs_and_told_to_its_customer(service: Service) -> None:
    state, queue = service.state, queue_of(service)
    today = local_day(state.clock.now(), ZONE)
    since = today - timedelta(days=10)
    account, customer = await a_household(service, 9_101, since=since, prepaid=True)
    pieces = [
        DayPiece(
            key=day_key(point_of(account), IMPORT_KWH, day),
            minutes=60,
            scale=3,
            zone=ZONE,
            calendar="single",
            values=[417] * 24,
            quality=bytearray(24),
        )
        for day in Days(since, today)
    ]
    await record(pieces=pieces, histories=state.hall.billing.histories, now=state.clock.now())
    await pay(service, account, 7500)
    await queue.send(names.RUN_PREPAYMENT)
    (warning,) = await eventually(lambda: told(service, customer, "balance_crossed"), what="the warning")
    prepayments = state.hall.billing.prepaying.following.prepayments
    found = (await prepayments.load([account.id]))[account.id]
    fresh = (await state.hall.billing.accounts.load([account.id]))[account.id]
    assert found.level is Level.LOW
    assert 0 < found.balance(fresh) < 3000
    assert warning["balance"] == found.balance(fresh)


async def test_an_invoice_is_issued_by_jobs_and_reversed_when_its_bill_is_taken_back(service: Service) -> None:
    state, queue = service.state, queue_of(service)
    hall = state.hall
    month = Month.of(local_day(state.clock.now(), ZONE)).shift(-1)
    account, customer = await a_household(service, 9_102, since=month.first)
    bill = await a_paid_bill(service, account, month)
    made = await request(invoicing=hall.billing.invoicing, bill=bill, title=FIRM, by=customer.id, now=state.clock.now())
    assert isinstance(made, Invoice), made

    async def stands(wanted: State) -> Invoice | None:
        await queue.send(names.ISSUE_INVOICES)
        found = (await hall.billing.invoicing.invoices.load([made.id]))[made.id]
        return found if found.state is wanted else None

    issued = await eventually(lambda: stands(State.ISSUED), what="the invoice")
    assert (len(issued.number), issued.net + issued.tax) == (20, bill.total)
    await eventually(lambda: told(service, customer, "invoice_ready"), what="the message of it")

    await corrected(service, account, bill)
    reversed_ = await eventually(lambda: stands(State.REVERSED), what="the reversal")
    assert (reversed_.number, len(str(reversed_.reversal_number))) == (issued.number, 20)


async def a_paid_bill(service: Service, account: Account, month: Month) -> Bill:
    billing, now = service.state.hall.billing, service.state.clock.now()
    shown = ((month.first, "1000.00"), (month.shift(1).first, "1200.00"))
    reads = [a_read(point_of(account), day, text, meter=f"M{account.number}") for day, text in shown]
    await record_reads(reads=reads, registers=RegisterRepository(service.state.mongo), now=now)
    await issue_chunk(issuing=billing.issuing, account_ids=[account.id], month=month, now=now)
    (bill,) = await billing.bills.payable(account.id)
    await pay(service, account, bill.total)
    return (await billing.bills.load([bill.id]))[bill.id]


async def corrected(service: Service, account: Account, bill: Bill) -> None:
    """Correct the closing read of a bill and bill its month anew."""
    billing, now = service.state.hall.billing, service.state.clock.now()
    read = a_read(point_of(account), bill.month.shift(1).first, "1190.00", meter=f"M{account.number}")
    await record_reads(reads=[read], registers=RegisterRepository(service.state.mongo), now=now)
    outcome = await rebill(
        rebilling=billing.rebilling,
        approvals=billing.approvals,
        bill_id=bill.id,
        reason="the photo shows another number",
        by="Li Na",
        now=now,
    )
    assert isinstance(outcome, Rebilled), outcome
