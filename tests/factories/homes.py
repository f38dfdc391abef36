"""A home as the front door sees it: a customer with an account, a month of readings, a bill, an inbox item."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import orjson

from gridhall.api.state import State
from gridhall.billing.accounts.model import Account, AccountId, PointLink, TariffLink
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.bills.model import Bill
from gridhall.crm.customers.model import Binding, Customer, Role
from gridhall.crm.customers.repository import new_customer_id
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Month, day_start
from gridhall.metering.feed.intake import take
from gridhall.metering.feed.model import FeedSource
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.notifications.inbox.model import InboxItem
from gridhall.notifications.triggers.bills import tell_issued_bills

ZONE = "Asia/Shanghai"
MONTH = Month(2026, 9)


@dataclass(frozen=True, slots=True)
class Home:
    """Everything of one household, and a token that says its customer is asking."""

    customer: Customer
    account: Account
    bill: Bill
    item: InboxItem
    headers: dict[str, str]


async def a_home(state: State, number: int) -> Home:
    """Make household `number` of Zhejiang with an issued bill for September 2026."""
    now, meter, since = state.clock.now(), f"33019900{number:04d}", MONTH.first
    point = ServicePoint(new_id(), "zhejiang", "grid", ZONE, "zhejiang-tou", (MeterLink(meter, since),))
    await register_points(points=[point], meters=[Meter(meter)], repository=state.metering.points)
    account = Account(
        id=AccountId(new_id()),
        number=f"330199{number:04d}",
        region="zhejiang",
        org_path="grid",
        address=f"浙江省杭州市滨江区江南大道{number}号",
        kept_since=since,
        points=(PointLink(point.id, since),),
        tariffs=(TariffLink("zhejiang-residential-tou", since),),
    )
    hall = state.hall
    await hall.billing.accounts.add([account])
    customer = await hall.people.customers.get_or_add(
        Customer(new_customer_id(), phone=f"1390019{number:04d}", name=f"住户{number}号"), now=now
    )
    await hall.people.holders.put({account.id: customer.id})
    await hall.people.customers.bind(customer.id, Binding(account.id, Role.OWNER, now))
    await _feed(state, meter)
    await issue_chunk(issuing=hall.billing.issuing, account_ids=[account.id], month=MONTH, now=now)
    (bill,) = await hall.billing.bills.payable(account.id)
    newsroom = hall.post_room.newsroom
    events = await newsroom.outbox.waiting(before=datetime(2100, 1, 1, tzinfo=UTC), limit=100)
    await tell_issued_bills(newsroom=newsroom, event_ids=[one.id for one in events if one.about == bill.id], now=now)
    (item,) = await hall.post_room.inbox.page(customer.id, after=None, limit=5)
    token = state.access_tokens.sign(customer.id, now=now).text
    return Home(customer, account, bill, item, {"Authorization": f"Bearer {token}"})


async def _feed(state: State, meter: str) -> None:
    rows = [
        {"meter": meter, "at": day_start(day, ZONE).isoformat(), "registers": _shown(index)}
        for index, day in enumerate((MONTH.first, MONTH.shift(1).first))
    ]
    rows.append({"meter": meter, "day": MONTH.first.isoformat(), "minutes": 15, "kwh": ["0.100"] * 96})

    async def chunks():  # type: ignore[no-untyped-def] # noqa: ANN202 - an async generator of bytes
        yield b"\n".join(orjson.dumps(row) for row in rows)

    report = await take(
        chunks=chunks(),
        format="ndjson",
        source=FeedSource("test", None, "home"),
        stores=state.metering.stores,
        limits=state.metering.limits,
        now=state.clock.now(),
    )
    assert report.quarantined == 0


def _shown(month: int) -> dict[str, str]:
    peak, valley = Decimal(1000) + 150 * month, Decimal(500) + 90 * month
    return {"total": str(peak + valley), "peak": str(peak), "valley": str(valley)}
