"""Payments whose callback never came: asked about, settled, and closed when their time is over."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from gridhall.billing.payments.model import Intent, IntentStatus
from gridhall.billing.payments.port import Trade, TradeState
from gridhall.billing.payments.told.asking import ASKED_AFTER, Asked, ask_due, next_question
from gridhall.billing.services import Billing
from tests.factories.accounts import an_account
from tests.factories.online import START, OnlineTill, an_online_till
from tests.factories.paying import confirm_in_wechat, confirm_page, tell
from tests.factories.payments import an_intent
from tests.factories.tills import Till


@pytest.fixture
async def counter(billing: Billing) -> AsyncIterator[OnlineTill]:
    async with an_online_till(billing) as till:
        yield till


async def test_a_lost_callback_costs_a_minute_and_no_money(counter: OnlineTill) -> None:
    intent = (await counter.started()).intent
    await confirm_in_wechat(counter.http, counter.stands, intent.client)
    assert await counter.ask(seconds=59) == Asked()
    assert await counter.ask(seconds=1) == Asked(asked=1, settled=1)
    assert (await counter.status(intent.number), await counter.prepaid()) == (IntentStatus.PAID, 10_000)
    assert await counter.ask(hours=5) == Asked()
    assert await tell(counter.http, counter.stands) == {"lost": 1}


async def test_at_alipay_too(counter: OnlineTill) -> None:
    intent = (await counter.started("alipay")).intent
    assert await counter.ask(minutes=1) == Asked(asked=1)
    await confirm_page(counter.http, str(intent.pay_url))
    assert await counter.ask(minutes=4) == Asked(asked=1, settled=1)
    assert await counter.prepaid() == 10_000


async def test_an_intent_that_nobody_pays_is_asked_about_six_times_and_closed(counter: OnlineTill) -> None:
    for provider in ("wechatpay", "alipay"):
        intent = (await counter.started(provider, key=provider)).intent
        began, asked = counter.clock.at, []
        while await counter.status(intent.number) is IntentStatus.STARTED:
            if (await counter.ask(minutes=1)).asked:
                asked.append(counter.clock.at - began)
        assert asked == [*ASKED_AFTER, timedelta(hours=2)]
        assert await counter.status(intent.number) is IntentStatus.CLOSED
    assert await counter.prepaid() == 0


async def test_money_in_the_last_second_is_settled_and_not_closed_away(counter: OnlineTill) -> None:
    intent = (await counter.started()).intent
    counter.clock.at = intent.expires_at - timedelta(seconds=1)
    await confirm_in_wechat(counter.http, counter.stands, (await counter.started()).intent.client)
    assert (await counter.ask(seconds=1)).settled == 1
    assert await counter.status(intent.number) is IntentStatus.PAID


async def test_what_was_superseded_is_closed_at_its_provider(counter: OnlineTill) -> None:
    first, second = (await counter.started()).intent, (await counter.started(key="2")).intent
    assert await counter.ask(minutes=1) == Asked(asked=2, closed=1)
    assert [await counter.status(one.number) for one in (first, second)] == [IntentStatus.CLOSED, IntentStatus.STARTED]


async def test_a_silent_provider_is_asked_again(counter: OnlineTill) -> None:
    intent = (await counter.started()).intent
    await confirm_in_wechat(counter.http, counter.stands, intent.client)
    await tell(counter.http, counter.stands, status=503, times=2, lose=10)
    assert await counter.ask(minutes=1) == Asked(asked=1, failed=1)
    assert await counter.ask(minutes=4) == Asked()
    assert await counter.ask(minutes=1) == Asked(asked=1, settled=1)


@dataclass
class SlowTill(Till):
    """Answers only once so many questions wait for an answer, and breaks down over some."""

    waits_for: int = 1
    breaks_over: str = ""
    waiting: int = 0
    most: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def query(self, number: str) -> Trade:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        if self.waiting >= self.waits_for:
            self.enough.set()
        await asyncio.wait_for(self.enough.wait(), timeout=5)
        self.waiting -= 1
        if number == self.breaks_over:
            raise RuntimeError("an answer that nobody foresaw")
        return await super().query(number)


async def due_intents(billing: Billing, count: int) -> list[Intent]:
    """So many payments of a yuan that accounts started, about which a provider is to be asked now."""
    accounts = [an_account(number) for number in range(1, count + 1)]
    await billing.accounts.add(accounts)
    intents = [
        an_intent(account.id, 100, provider="wechatpay", started_at=START, ask_at=START + timedelta(minutes=1))
        for account in accounts
    ]
    for intent in intents:
        await billing.payments.intents.add(intent)
    return intents


async def test_several_are_asked_about_at_once_and_no_more_than_the_setting_says(billing: Billing) -> None:
    await due_intents(billing, 9)
    till, now = SlowTill(waits_for=3), START + timedelta(minutes=1)
    telling = replace(billing.telling, asked_at_once=3)
    assert await ask_due(telling=telling, providers={"wechatpay": till}, now=now, limit=100) == Asked(asked=9)
    assert till.most == 3


async def test_what_goes_wrong_with_one_stops_none_of_the_others_and_waits_for_its_turn(billing: Billing) -> None:
    broken, *others = await due_intents(billing, 4)
    now = START + timedelta(minutes=1)
    paid = {one.number: Trade(one.number, TradeState.PAID, one.amount, one.number, now) for one in others}
    till = SlowTill(trades=paid, breaks_over=broken.number)
    telling, providers = billing.telling, {"wechatpay": till}
    assert await ask_due(telling=telling, providers=providers, now=now, limit=100) == Asked(4, settled=3, failed=1)
    assert await ask_due(telling=telling, providers=providers, now=now, limit=100) == Asked()
    later = now + timedelta(minutes=5)
    assert await ask_due(telling=telling, providers=providers, now=later, limit=100) == Asked(1, failed=1)


def test_the_next_question_comes_later_each_time_and_at_the_end() -> None:
    intent = an_intent(an_account().id, 1, started_at=START)
    asked = [START]
    while asked[-1] < intent.expires_at:
        asked.append(next_question(intent, now=asked[-1]))
    assert [at - START for at in asked[1:]] == [*ASKED_AFTER, timedelta(hours=2)]
    assert next_question(intent, now=intent.expires_at) == intent.expires_at + timedelta(minutes=5)
