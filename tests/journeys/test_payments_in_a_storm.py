"""Payments while callbacks are lost, doubled, reordered and forged: none is lost, none is posted twice."""

import asyncio
from datetime import timedelta

import httpx

from gridhall.billing.accounts.model import Account
from gridhall.billing.payments.starting import Started, Wanted, start
from gridhall.billing.payments.told.asking import ask_due
from gridhall.kit.money import Fen
from gridhall.simulators.paying.orders_to_fail import Forgery
from tests.factories.accounts import an_account
from tests.factories.app import eventually
from tests.factories.paying import confirm_in_wechat, confirm_page
from tests.factories.service import Service

PAYMENTS, LOST = 12, 4
AMOUNT = Fen(12_34)


async def one_payment(service: Service, http: httpx.AsyncClient, account: Account, at: int) -> None:
    """Start a payment ahead, at either provider in turn, and confirm it as a customer does."""
    state = service.state
    provider = state.hall.providers["wechatpay" if at % 2 else "alipay"]
    outcome = await start(
        payments=state.hall.billing.payments,
        provider=provider,
        wanted=[Wanted(account, (), AMOUNT)],
        payer=f"stranger-{at}",
        key=f"storm-{at}",
        description="电费预存",
        now=state.clock.now(),
        payer_at_provider="o-storm",
    )
    assert isinstance(outcome, Started)
    if outcome.intent.pay_url:
        await confirm_page(http, outcome.intent.pay_url)
    else:
        await confirm_in_wechat(http, service.stands, outcome.intent.client)


async def test_money_survives_whatever_becomes_of_its_callbacks(service: Service) -> None:
    billing, clock = service.state.hall.billing, service.state.clock
    account = an_account(900)
    await billing.accounts.add([account])
    before = await service.tell_stands(lose=LOST, repeat=1, reorder=4, forge=[one.value for one in Forgery])
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        await asyncio.gather(*(one_payment(service, http, account, at) for at in range(PAYMENTS)))

    async def told() -> dict[str, int] | None:
        now = await service.tell_stands(repeat=1, forge=[one.value for one in Forgery])
        return now if now.get("taken", 0) - before.get("taken", 0) >= 2 * (PAYMENTS - LOST) else None

    done = await eventually(told, what="the callbacks and their repetitions")
    assert done["lost"] - before.get("lost", 0) == LOST
    assert done["forged"] - before.get("forged", 0) >= (PAYMENTS - LOST) * 6
    assert done.get("forged_taken", 0) == 0
    later = clock.now() + timedelta(minutes=1)
    await ask_due(telling=billing.telling, providers=service.state.hall.providers, now=later, limit=100)

    async def settled() -> bool | None:
        balance = (await billing.accounts.load([account.id]))[account.id].balance
        return True if balance.prepaid == PAYMENTS * AMOUNT else None

    await eventually(settled, what="every payment")
    posted = [posting for posting in await billing.ledger.of_account(account.id) if posting.kind == "payment"]
    assert len({posting.key for posting in posted}) == len(posted) == PAYMENTS
    await service.tell_stands()
