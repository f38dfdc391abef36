"""Outages of online payment, found from calls that both stand-ins were told not to answer."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gridhall.billing.arrears.outages.model import ONLINE, Outage
from gridhall.billing.arrears.outages.queries import days_down
from gridhall.billing.payments.port import ProviderUnavailableError, Trade
from gridhall.billing.payments.watching.model import minute_of
from gridhall.billing.payments.watching.operations import BY, watch
from gridhall.billing.services import Billing
from gridhall.kit.localdays import Days, local_day
from gridhall.kit.mongo import Mongo
from tests.factories.online import START, OnlineTill, an_online_till
from tests.factories.paying import tell
from tests.factories.tills import Till

AFTER = 5
ALIPAY_ALONE = "/gateway.do"


@pytest.fixture
async def till(billing: Billing) -> AsyncIterator[OnlineTill]:
    async with an_online_till(billing) as opened:
        yield opened


async def watched(till: OnlineTill, *, minutes: int = 1) -> None:
    """Let so many minutes pass and watch in each of them."""
    for _ in range(minutes):
        till.clock.at += timedelta(minutes=1)
        await watch(watching=till.billing.watching, providers=till.providers, now=till.clock.at)


async def fail(till: OnlineTill, **orders: object) -> datetime:
    """Let a customer's payment fail as ordered, and all that comes; return the minute."""
    await tell(till.http, till.stands, **{"lose": 1000, "times": 10_000, **orders})
    with pytest.raises(ProviderUnavailableError):
        await till.providers["wechatpay"].query("0" * 32)
    return minute_of(till.clock.at)


async def mend(till: OnlineTill) -> None:
    await tell(till.http, till.stands, lose=1000)


async def outages(till: OnlineTill) -> list[Outage]:
    """Every outage that is known, whoever noted it."""
    known = till.billing.arrears.following.outages
    return await known.touching(since=START - timedelta(days=90), until=START + timedelta(days=90))


@pytest.mark.parametrize("orders", [{"status": 503}, {"errcode": "SIGN_ERROR"}])
async def test_when_no_provider_answers_for_minutes_an_outage_is_opened_and_the_first_answer_closes_it(
    till: OnlineTill, orders: dict[str, object]
) -> None:
    began = await fail(till, **orders)
    await watched(till, minutes=AFTER - 1)
    assert await outages(till) == []
    await watched(till, minutes=2)
    (open_one,) = await outages(till)
    assert (open_one.channel, open_one.began_at, open_one.ended_at, open_one.by) == (ONLINE, began, None, BY)
    await watched(till, minutes=3)
    assert await outages(till) == [open_one]
    await mend(till)
    await watched(till)
    (ended,) = await outages(till)
    assert (ended.began_at, ended.ended_at) == (began, minute_of(till.clock.at))
    await watched(till, minutes=3)
    assert await outages(till) == [ended]


async def test_one_provider_that_answers_is_enough(till: OnlineTill) -> None:
    await tell(till.http, till.stands, lose=1000, call=ALIPAY_ALONE, status=503, times=10_000)
    with pytest.raises(ProviderUnavailableError):
        await till.providers["alipay"].query("0" * 32)
    await watched(till, minutes=AFTER + 2)
    assert await outages(till) == []


async def test_a_hiccup_is_none_and_a_no_to_one_order_neither(till: OnlineTill) -> None:
    await fail(till, status=503)
    await watched(till, minutes=AFTER - 2)
    await mend(till)
    await watched(till, minutes=AFTER)
    await fail(till, errcode="OUT_TRADE_NO_USED", times=1)
    await watched(till, minutes=AFTER)
    assert await outages(till) == []


async def test_providers_that_answer_are_not_asked_for_nothing(till: OnlineTill) -> None:
    await watched(till, minutes=3)
    assert await till.billing.watching.minutes.first_answer(since=START - timedelta(days=1)) is None
    await till.started("wechatpay")
    placed = till.clock.at
    await watched(till, minutes=3)
    assert await till.billing.watching.minutes.first_answer(since=placed + timedelta(minutes=1)) is None


async def test_several_processes_open_and_close_one_outage(till: OnlineTill, billing: Billing) -> None:
    began = await fail(till, status=503)
    await watched(till, minutes=AFTER - 1)

    async def at_once() -> None:
        till.clock.at += timedelta(minutes=1)
        work = (watch(watching=billing.watching, providers=till.providers, now=till.clock.at) for _ in range(4))
        await asyncio.gather(*work)

    await at_once()
    await at_once()
    await mend(till)
    await at_once()
    (known,) = await outages(till)
    assert (known.began_at, known.ended_at) == (began, minute_of(till.clock.at))


async def minutes_noted(mongo: Mongo, first: datetime, told: str) -> None:
    """Minutes in a row, a letter each: B both providers failed, x one answered, - nobody was asked."""
    said = {"B": {"failed": ["alipay", "wechatpay"]}, "x": {"failed": ["wechatpay"], "answered": ["alipay"]}}
    minutes = [(first + timedelta(minutes=at), said[letter]) for at, letter in enumerate(told) if letter in said]
    await mongo["payment_minutes"].insert_many([{"_id": at, "schema": 1, "at": at, **what} for at, what in minutes])


@pytest.mark.parametrize("told", ["B" * 26 * 60 + "x", "B" * 30 + "-" + "B" * 30 + "x"])
async def test_however_long_it_lasts_and_however_long_ago_it_is_it_stays_one_outage(
    billing: Billing, mongo: Mongo, told: str
) -> None:
    first = minute_of(START)
    await minutes_noted(mongo, first, told)
    ended = first + timedelta(minutes=len(told) - 1)
    till = SilentTill()
    a_day_later = [first + timedelta(days=1, minutes=minute) for minute in (0, 1, 2, 5, 20, 40)]
    looks = [first + timedelta(minutes=10), *a_day_later, *(ended + timedelta(hours=hours) for hours in (1, 12, 24))]
    for now in sorted(looks):
        await watch(watching=billing.watching, providers={"alipay": till, "wechatpay": till}, now=now)
    known = await billing.arrears.following.outages.touching(since=first, until=first + timedelta(days=90))
    assert [(one.began_at, one.ended_at) for one in known] == [(first, ended)]


class SilentTill(Till):
    """Does not answer, and is not noted."""

    async def query(self, number: str) -> Trade:
        raise ProviderUnavailableError(number)


async def test_what_was_closed_is_not_opened_again_by_who_read_before(till: OnlineTill) -> None:
    noted = till.billing.arrears.following.outages
    late = Outage(ONLINE, minute_of(START), None, BY)
    assert await noted.begin(late) is True
    assert await noted.end(late, at=START + timedelta(hours=1)) is True
    assert await noted.begin(late) is False
    assert await noted.end(late, at=START + timedelta(hours=2)) is False
    assert [one.ended_at for one in await outages(till)] == [START + timedelta(hours=1)]


async def test_what_was_found_is_corrected_by_a_person_and_left_alone_from_then_on(till: OnlineTill) -> None:
    began = await fail(till, status=503)
    await watched(till, minutes=AFTER + 1)
    began_for_them = began.astimezone(ZoneInfo("Asia/Shanghai"))
    theirs = Outage(ONLINE, began_for_them, began + timedelta(minutes=1), "zhao", "a test of ours")
    await till.billing.arrears.following.outages.note(theirs)
    await watched(till, minutes=2)
    await mend(till)
    await watched(till)
    assert await outages(till) == [theirs]


async def test_what_a_person_noted_stays_as_they_said(till: OnlineTill) -> None:
    by_hand = Outage(ONLINE, minute_of(START) - timedelta(hours=1), None, "zhao", "the app was down")
    await till.billing.arrears.following.outages.note(by_hand)
    await till.started("wechatpay")
    await watched(till, minutes=3)
    assert await outages(till) == [by_hand]


async def test_the_day_on_which_nobody_could_pay_is_free_of_penalties(till: OnlineTill) -> None:
    await fail(till, status=503)
    await watched(till, minutes=AFTER + 1)
    following, today = till.billing.arrears.following, local_day(START, "Asia/Shanghai")
    days = Days(date(today.year, 1, 1), today + timedelta(days=1))
    down = await days_down(outages=following.outages, days=days, zone=following.zone)
    assert [list(one) for one in down] == [[today]]
