"""Both online providers' stand-ins and our side of them, going by one clock: where tests pay without callbacks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from gridhall.billing.accounts.model import Account
from gridhall.billing.payments.model import IntentStatus, TradeNumber
from gridhall.billing.payments.providers import Providers
from gridhall.billing.payments.starting import Started, Wanted, start
from gridhall.billing.payments.told.asking import Asked, ask_due
from gridhall.billing.services import Billing
from gridhall.kit.clock import FixedClock
from gridhall.kit.money import Fen
from gridhall.simulators.app import Addresses, running
from tests.factories.accounts import an_account
from tests.factories.paying import pay_keys, providers_at, tell

START = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class OnlineTill:
    """Both sides by one clock, at which a customer pays ahead."""

    billing: Billing
    providers: Providers
    stands: Addresses
    http: httpx.AsyncClient
    clock: FixedClock
    account: Account

    async def started(self, provider: str = "wechatpay", key: str = "1") -> Started:
        """A payment of 100 yuan that the customer started now."""
        outcome = await start(
            payments=self.billing.payments,
            provider=self.providers[provider],
            wanted=[Wanted(self.account, (), Fen(10_000))],
            payer="wang",
            key=key,
            description="电费",
            now=self.clock.at,
            payer_at_provider="o-wang",
        )
        assert isinstance(outcome, Started)
        return outcome

    async def ask(self, **later: float) -> Asked:
        """Ask about what is due, so much later."""
        self.clock.at += timedelta(**later)
        return await ask_due(telling=self.billing.telling, providers=self.providers, now=self.clock.at, limit=100)

    async def status(self, number: TradeNumber) -> IntentStatus:
        intent = await self.billing.payments.intents.load(number)
        assert intent is not None
        return intent.status

    async def prepaid(self) -> int:
        return (await self.billing.accounts.load([self.account.id]))[self.account.id].balance.prepaid


@asynccontextmanager
async def an_online_till(billing: Billing) -> AsyncIterator["OnlineTill"]:
    """Open it with an account; every callback is lost until the stand-ins are told otherwise."""
    clock, account = FixedClock(START), an_account()
    await billing.accounts.add([account])
    async with (
        running(pay=pay_keys(), sms_access_key_id="k", sms_access_key_secret="s", clock=clock) as stands,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        await tell(http, stands, lose=1000)
        providers = providers_at(stands, http, clock=clock, noted=billing.watching.pulse)
        yield OnlineTill(billing, providers, stands, http, clock, account)
