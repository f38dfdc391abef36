"""The main job, through the front door: a reading becomes a bill, the customer sees it, is told, and pays."""

from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import orjson

from gridhall.billing.accounts.model import Account, AccountId, PointLink, TariffLink
from gridhall.billing.bills.model import Bill
from gridhall.crm.customers.model import Customer
from gridhall.crm.customers.repository import new_customer_id
from gridhall.kit.ids import new_id
from gridhall.kit.jobs import CeleryQueue, producer
from gridhall.kit.localdays import Days, Month, day_start
from gridhall.metering.feed.clients import add_client
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.workers import names
from tests.factories.app import App, eventually, newest_code, received
from tests.factories.paying import confirm_page
from tests.factories.service import Service

ZONE = "Asia/Shanghai"
METER = "330100009001"
NUMBER = "3301009001"
HOLDER, TENANT = "13900009001", "13900009002"
MONTHS = (Month(2026, 9), Month(2026, 10))
PEAK_WH, VALLEY_WH = 100, 50
"""A quarter-hour of the day and of the night; 56 and 40 of them a day."""

HOME = """query Home($from: Date!, $to: Date!) {
  viewer { phone unread accounts {
    id number role
    balance { owed { fen } prepaid { fen } }
    tier { tier used billed boundaries }
    usage(from: $from, to: $to, resolution: MONTH) { labels kwh total coverage periods { code total } }
    bills(first: 5) { edges { node {
      id month kwh status total { fen yuan } owed { fen } pdfUrl
      lines { kind period tier kwh price amount { fen } }
      registers { meter period opening closing kwh }
    } } pageInfo { hasNextPage } }
  } inbox(first: 10) { edges { node { kind title text } } } }
}"""
ASK = "mutation($n: String!) { askBinding(input: {accountNumber: $n}) { __typename } }"
CONFIRM = """mutation($n: String!, $c: String!) { confirmBinding(input: {accountNumber: $n, code: $c}) {
  __typename ... on AccountBound { account { number role } } ... on Refused { code message } } }"""
PAY = """mutation($a: ID!, $b: [ID!]!, $k: String!) {
  payBills(input: {accountId: $a, billIds: $b, idempotencyKey: $k}) {
  __typename ... on PaymentReady { number amount { fen } payUrl } } }"""


def feed() -> bytes:
    """Two months of quarter-hours and of registers at every midnight."""
    lines, peak, valley = [], Decimal("100.40"), Decimal("50.70")
    days = Days(MONTHS[0].first, MONTHS[-1].shift(1).first)
    for day in days:
        lines.append(_registers(day, peak, valley))
        quarters = [VALLEY_WH] * 32 + [PEAK_WH] * 56 + [VALLEY_WH] * 8
        kwh = [str(Decimal(wh) / 1000) for wh in quarters]
        lines.append(orjson.dumps({"meter": METER, "day": day.isoformat(), "minutes": 15, "kwh": kwh}))
        peak, valley = peak + Decimal("5.6"), valley + Decimal("2.0")
    lines.append(_registers(days.end, peak, valley))
    return b"\n".join(lines) + b"\n"


def _registers(day: date, peak: Decimal, valley: Decimal) -> bytes:
    shown = {"total": str(peak + valley), "peak": str(peak), "valley": str(valley)}
    return orjson.dumps({"meter": METER, "at": day_start(day, ZONE).isoformat(), "registers": shown})


async def hand_over(service: Service) -> Account:
    """What the system of record knows: a point, a meter, an account and who holds it."""
    since = MONTHS[0].first
    point = ServicePoint(new_id(), "zhejiang", "grid", ZONE, "zhejiang-tou", (MeterLink(METER, since),))
    await register_points(points=[point], meters=[Meter(METER)], repository=service.state.metering.points)
    account = Account(
        id=AccountId(new_id()),
        number=NUMBER,
        region="zhejiang",
        org_path="grid",
        address="浙江省杭州市上城区望江路1号",
        kept_since=since,
        points=(PointLink(point.id, since),),
        tariffs=(TariffLink("zhejiang-residential-tou", since),),
        carried_kwh=2400,
    )
    hall = service.state.hall
    await hall.billing.accounts.add([account])
    now = service.state.clock.now()
    holder = await hall.people.customers.get_or_add(
        Customer(new_customer_id(), phone=HOLDER, name="𠮷小明", mail="holder@journey.example"), now=now
    )
    await hall.people.holders.put({account.id: holder.id})
    return account


async def send_feed(service: Service, http: httpx.AsyncClient, client: str) -> list[int]:
    """Feed everything as a new client and return what the intake counted."""
    state = service.state
    token = await add_client(name=client, regions=["zhejiang"], clients=state.metering.clients, now=state.clock.now())
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    told = (await http.post("/v1/feed/readings", content=feed(), headers=headers)).json()
    return [told[name] for name in ("accepted", "duplicate", "corrected", "quarantined")]


async def bill(service: Service, account: Account) -> list[Bill]:
    """Let the worker bill both months, in order, and return the bills."""
    routes = {name: {"queue": queue} for name, queue in names.QUEUES.items()}
    queue = CeleryQueue(producer(str(service.settings.redis_uri), routes=routes))
    bills = service.state.hall.billing.bills
    for count, month in enumerate(MONTHS, start=1):
        await queue.send(names.ISSUE_CHUNK, month=str(month), account_ids=[str(account.id)])

        async def billed(count: int = count) -> list[Bill] | None:
            found = await bills.payable(account.id)
            return found if len(found) == count else None

        await eventually(billed, what=f"the bill of {month}")
    return await bills.payable(account.id)


async def pay(app: App, home: dict[str, Any]) -> None:
    """Start the payment of every bill, twice with one key, and confirm it on the provider's page."""
    bill_ids = [edge["node"]["id"] for edge in home["bills"]["edges"]]
    wanted = {"a": home["id"], "b": bill_ids, "k": "journey-payment-1"}
    ready = (await app.ask(PAY, **wanted))["payBills"]
    assert ready["__typename"] == "PaymentReady"
    assert (await app.ask(PAY, **wanted))["payBills"] == ready
    assert (await confirm_page(app.http, ready["payUrl"]))["state"] == "paid"

    async def settled() -> bool | None:
        return True if (await look(app))["balance"]["owed"]["fen"] == 0 else None

    await eventually(settled, what="the payment")
    assert (await app.ask(PAY, **{**wanted, "k": "journey-payment-2"}))["payBills"]["__typename"] == "BillNotPayable"


async def look(app: App) -> dict[str, Any]:
    """Return the account of the home screen."""
    span = {"from": MONTHS[0].first.isoformat(), "to": MONTHS[-1].shift(1).first.isoformat()}
    return dict((await app.ask(HOME, **span))["viewer"]["accounts"][0])


async def test_a_reading_becomes_a_bill_that_a_customer_sees_is_told_of_and_pays_once(
    service: Service, http: httpx.AsyncClient
) -> None:
    account = await hand_over(service)

    # 抄: the head-end feeds two months, twice.
    readings = 61 * 96 + 62
    assert await send_feed(service, http, "journey-a") == [readings, 0, 0, 0]
    assert await send_feed(service, http, "journey-b") == [0, readings, 0, 0]

    # 核: billed by the worker, found right by the review. October crosses 2,760 kWh of the year at its 132nd kWh.
    first, second = await bill(service, account)
    assert (first.findings, second.findings) == ((), ())
    assert [line.amount for line in first.lines] == [9542, 1728]
    assert [line.amount for line in second.lines] == [9883, 1786, 520]

    # The holder is told by mail, with the e-bill.
    async def mailed() -> list[dict[str, Any]] | None:
        mails = await received(service, "holder@journey.example", "mail")
        return mails if len(mails) == len(MONTHS) else None

    mails = await eventually(mailed, what="two e-bills by mail")
    assert {mail["files"][0]["filename"] for mail in mails} == {"e-bill-2026-09.pdf", "e-bill-2026-10.pdf"}

    # The tenant signs in, and proves to belong to the account by a code to the holder's phone.
    tenant = App(service, http, TENANT)
    await tenant.sign_in()
    assert (await tenant.ask("{ viewer { accounts { id } } }"))["viewer"]["accounts"] == []
    assert (await tenant.ask(ASK, n=NUMBER))["askBinding"]["__typename"] == "BindingCodeSent"
    code = await newest_code(service, HOLDER, after=0)
    bound = (await tenant.ask(CONFIRM, n=NUMBER, c=code))["confirmBinding"]
    assert bound == {"__typename": "AccountBound", "account": {"number": NUMBER, "role": "member"}}

    # The tenant sees usage, bills, balance and tier.
    home = await look(tenant)
    assert home["usage"]["kwh"] == [228.0, 235.6]
    assert home["usage"]["coverage"] == 1.0
    assert {one["code"]: one["total"] for one in home["usage"]["periods"]} == {"peak": 341.6, "valley": 122.0}
    assert home["balance"] == {"owed": {"fen": 11270 + 12189}, "prepaid": {"fen": 0}}
    assert (home["tier"]["tier"], Decimal(home["tier"]["billed"])) == (2, 2400 + 228 + 236)
    newest = home["bills"]["edges"][0]["node"]
    assert (newest["month"], newest["total"]["yuan"]) == ("2026-10", "121.89")
    pdf = await http.get(newest["pdfUrl"], headers=tenant.headers)
    assert pdf.content.startswith(b"%PDF")

    # 收: paid online, once; the same money told again changes nothing.
    told = await service.tell_stands(repeat=3, forge=["wrong-key", "altered-amount"])
    await pay(tenant, home)
    ledger = service.state.hall.billing.ledger
    posted = await ledger.of_account(account.id)

    async def all_told() -> dict[str, int] | None:
        now = await service.tell_stands()
        return now if now["taken"] - told.get("taken", 0) == 1 + 3 else None

    done = await eventually(all_told, what="the callback and its repetitions")
    assert (done["forged"] - told.get("forged", 0), done["forged_taken"]) == (2, 0)
    assert await ledger.of_account(account.id) == posted
    assert (await look(tenant))["balance"] == {"owed": {"fen": 0}, "prepaid": {"fen": 0}}

    async def receipt() -> bool | None:
        edges = (await tenant.ask("{ viewer { inbox { edges { node { kind } } } } }"))["viewer"]["inbox"]["edges"]
        return True if "payment_received" in {edge["node"]["kind"] for edge in edges} else None

    await eventually(receipt, what="the receipt in the inbox")
