"""The walk goes on: a bill is overdue, the customer is reminded by the way that is open, pays, and is left in peace."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import orjson

from gridhall.billing.accounts.model import Account, AccountId, PointLink, TariffLink
from gridhall.billing.arrears.operations import scan
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.engine import quote
from gridhall.billing.tips.queries import tip_for
from gridhall.crm.customers.model import Binding, Customer, Role
from gridhall.crm.customers.repository import new_customer_id
from gridhall.kit.ids import new_id
from gridhall.kit.jobs import CeleryQueue, producer
from gridhall.kit.localdays import Days, Month, day_start, local_day
from gridhall.kit.money import yuan
from gridhall.metering.feed.clients import add_client
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.workers import names
from tests.factories.app import App, eventually, received
from tests.factories.paying import confirm_page
from tests.factories.service import Service

ZONE = "Asia/Shanghai"
METER, NUMBER, PHONE = "330100008001", "3301008001", "13900008001"
TEMPLATE = "DEMO_ARREARS_REMINDER"
NIGHT_WH, DAY_WH, EVENING_WH = 30, 50, 250

PAY = """mutation($a: ID!, $b: [ID!]!) {
  payBills(input: {accountId: $a, billIds: $b, idempotencyKey: "overdue-payment"}) {
    ... on PaymentReady { payUrl amount { fen } principal { fen } penalty { fen } } } }"""
HOME = """{ viewer { accounts { id balance { owed { fen } } arrears { state penalty { fen } }
  bills { edges { node { id owed { fen } } } } }
  inbox { edges { node { kind text facts { value } } } } } }"""


async def a_late_payer(service: Service, http: httpx.AsyncClient, today: date) -> Account:
    """An account whose bill of the month before last was due some days ago, with a curve up to today."""
    state, hall = service.state, service.state.hall
    month = Month.of(today).shift(-2)
    since, now = month.first, state.clock.now()
    point = ServicePoint(new_id(), "zhejiang", "grid", ZONE, "zhejiang-tou", (MeterLink(METER, since),))
    await register_points(points=[point], meters=[Meter(METER)], repository=state.metering.points)
    account = Account(
        id=AccountId(new_id()),
        number=NUMBER,
        region="zhejiang",
        org_path="grid",
        address="浙江省杭州市拱墅区湖墅路2号",
        kept_since=since,
        points=(PointLink(point.id, since),),
        tariffs=(TariffLink("zhejiang-residential-tou", since),),
    )
    await hall.billing.accounts.add([account])
    customer = await hall.people.customers.get_or_add(Customer(new_customer_id(), phone=PHONE), now=now)
    await hall.people.holders.put({account.id: customer.id})
    await hall.people.customers.bind(customer.id, Binding(account.id, Role.OWNER, now))
    await feed(service, http, since=since, until=today)
    issued_at = day_start(today - timedelta(days=24), ZONE)
    done = await issue_chunk(issuing=hall.billing.issuing, account_ids=[account.id], month=month, now=issued_at)
    assert done.issued == 1, "a bill issued 24 days ago was due 4 days ago"
    return account


async def feed(service: Service, http: httpx.AsyncClient, *, since: date, until: date) -> None:
    state = service.state
    token = await add_client(name="late", regions=["zhejiang"], clients=state.metering.clients, now=state.clock.now())
    lines, peak, valley = [], Decimal(100), Decimal(50)
    for day in Days(since, until):
        shown = {"total": str(peak + valley), "peak": str(peak), "valley": str(valley)}
        lines.append({"meter": METER, "at": day_start(day, ZONE).isoformat(), "registers": shown})
        quarters = [NIGHT_WH] * 32 + [DAY_WH] * 40 + [EVENING_WH] * 16 + [NIGHT_WH] * 8
        kwh = [str(Decimal(wh) / 1000) for wh in quarters]
        lines.append({"meter": METER, "day": day.isoformat(), "minutes": 15, "kwh": kwh})
        peak, valley = peak + Decimal("6.0"), valley + Decimal("1.2")
    body = b"\n".join(orjson.dumps(line) for line in lines)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    told = (await http.post("/v1/feed/readings", content=body, headers=headers)).json()
    assert told["quarantined"] == 0, told


async def test_an_overdue_customer_is_reminded_by_the_open_way_pays_and_is_advised(
    service: Service, http: httpx.AsyncClient
) -> None:
    state = service.state
    today = local_day(state.clock.now(), ZONE)
    account = await a_late_payer(service, http, today)
    (bill,) = await state.hall.billing.bills.payable(account.id)
    owed = str(yuan(bill.total))
    routes = {name: {"queue": queue} for name, queue in names.QUEUES.items()}
    queue = CeleryQueue(producer(str(service.settings.redis_uri), routes=routes))
    app = App(service, http, PHONE)
    await app.sign_in_by_wechat()
    await app.allow_one("arrears_reminder", TEMPLATE, key="allowed-once")

    # The daily scan finds the account: the one consent carries the reminder by WeChat.
    await queue.send(names.SCAN_ARREARS)
    (card,) = await arrived(service, "wechat", 1)
    assert owed in str(card)
    assert await received(service, PHONE, "sms") == []

    # A week later the next rung: no consent is left, so it comes by SMS.
    arrears = state.hall.billing.arrears
    later = today + timedelta(days=7)
    assert await scan(arrears=arrears, region="zhejiang", today=later, now=state.clock.now()) == 1
    (text,) = await arrived(service, "sms", 1)
    assert owed in text["text"]
    assert len(await received(service, PHONE, "wechat")) == 1

    # Paid: there is no further reminder, whenever the scan runs.
    await pay(app)
    for days in (8, 20, 60):
        day = today + timedelta(days=days)
        assert await scan(arrears=arrears, region="zhejiang", today=day, now=state.clock.now()) == 0

    # The tip of the month names a saving that the tariff engine confirms.
    await queue.send(names.TELL_TIPS, account_ids=[str(account.id)])

    async def advised() -> dict[str, Any] | None:
        items = [edge["node"] for edge in (await app.ask(HOME))["viewer"]["inbox"]["edges"]]
        return next((item for item in items if item["kind"] == "energy_tip"), None)

    item = await eventually(advised, what="the tip")
    tip = await tip_for(tips=state.hall.billing.tips, account=account, today=today)
    assert tip
    version = catalogue.version("zhejiang-residential-tou", on=today)
    before, after = (
        quote(version, on_month=Month.of(today), used=used, used_before=tip.used_before).total
        for used in (tip.before, tip.after)
    )
    assert before - after == tip.saving > 0
    assert f"{Decimal(tip.saving) / 100:.2f}元" in {fact["value"] for fact in item["facts"]}


async def arrived(service: Service, kind: str, count: int) -> list[dict[str, Any]]:
    async def look() -> list[dict[str, Any]] | None:
        messages = await received(service, PHONE, kind)
        return messages if len(messages) == count else None

    return await eventually(look, what=f"message {count} by {kind}")


async def pay(app: App) -> None:
    home = (await app.ask(HOME))["viewer"]["accounts"][0]
    bill_ids = [edge["node"]["id"] for edge in home["bills"]["edges"] if edge["node"]["owed"]["fen"]]
    penalty = home["arrears"]["penalty"]["fen"]
    ready = (await app.ask(PAY, a=home["id"], b=bill_ids))["payBills"]
    assert ready["penalty"]["fen"] == penalty > 0
    assert ready["amount"]["fen"] == ready["principal"]["fen"] + penalty
    assert (await confirm_page(app.http, ready["payUrl"]))["state"] == "paid"

    async def settled() -> bool | None:
        home = (await app.ask(HOME))["viewer"]["accounts"][0]
        return True if not any(edge["node"]["owed"]["fen"] for edge in home["bills"]["edges"]) else None

    await eventually(settled, what="the payment")
    home = (await app.ask(HOME))["viewer"]["accounts"][0]
    assert home["balance"]["owed"]["fen"] == home["arrears"]["penalty"]["fen"] == 0
    assert home["arrears"]["state"] == "CURRENT"
