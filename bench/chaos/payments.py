"""Payments while callbacks are lost, doubled, late, out of order and forged, and while mongod is killed.

The API and the stand-ins of both providers are processes of their own; everything between them goes over HTTP with real
signatures. The database is killed (SIGKILL) in the middle of it and started again. What was lost is asked for at the
end, as a job does.
"""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import httpx
import psutil
from pymongo.errors import PyMongoError

from bench import town
from bench.chaos.books import read_books
from bench.processes import Server, environment, python
from gridhall.api.state import State
from gridhall.billing.payments.port import ProviderUnavailableError
from gridhall.billing.payments.starting import Started, Wanted, start
from gridhall.billing.payments.told.asking import ASKED_AFTER, ask_due
from gridhall.kit.console import errors
from gridhall.kit.embedded.mongod import find_mongod, start_mongod
from gridhall.kit.embedded.process import ServerFailedError, free_port
from gridhall.kit.localdays import Month, local_day
from gridhall.kit.money import Fen
from gridhall.simulators.paying.orders_to_fail import Forgery

T = TypeVar("T")

_TROUBLES: Final[Sequence[dict[str, object]]] = (
    {"repeat": 3},
    {"lose": 2},
    {"reorder": 5},
    {"forge": [str(one) for one in Forgery]},
    {"repeat": 2, "forge": [str(one) for one in Forgery], "callback_delay_seconds": 0.05},
    {"status": 503, "times": 2},
)
"""What the stand-ins are told to do wrong, in turns."""

_CALLBACK_SCALE: Final = 0.004
_AT_ONCE: Final = 8
_TRIES: Final = 60
_STARTS: Final = 5
_QUIET_SECONDS: Final = 180
_PART: Final = Fen(3_000)


@dataclass(frozen=True, slots=True)
class PaymentsOutcome:
    """What was found when everything had been told or asked.

    kills: how often mongod was killed. paid, fen: what customers confirmed at the providers. received: payments kept;
    postings: of them in the ledger, one an account. cash: fen in the ledger's cash books. open: intents
    that are not paid by then. wrong_bills: bills of which more or less is paid than came for them. forged,
    forged_taken: forged callbacks, and those of them that the API took for true. callbacks: true ones that were sent;
    lost: never sent. cases: money that a person would have to look at.
    """

    kills: int
    paid: int
    fen: int
    received: int
    postings: int
    cash: int
    open: int
    wrong_bills: int
    callbacks: int
    lost: int
    forged: int
    forged_taken: int
    cases: int
    unbalanced: int
    books: int

    def problems(self) -> list[str]:
        """Return what is not as it has to be."""
        claims = {
            "every payment is kept once": self.received == self.paid,
            "every part of it is posted once": self.postings == self.paid,
            "every fen that was paid is in the books, and no other": self.cash == self.fen,
            "no payment is left open": not self.open,
            "bills are paid by what came for them": not self.wrong_bills,
            "every forged callback is refused": self.forged > 0 and not self.forged_taken,
            "nothing is left for a person": not self.cases,
            "every balance is the sum of its entries": not self.unbalanced,
            "the books sum to zero": not self.books,
        }
        return [f"not so: {claim}" for claim, holds in claims.items() if not holds]


@dataclass(slots=True)
class _Database:
    """The embedded mongod, to be killed."""

    folder: Path
    kills: int = 0

    async def kill(self) -> None:
        """Kill it and start it again; it is primary on return."""
        process = psutil.Process(int((self.folder / "pid").read_text()))
        process.kill()
        await asyncio.to_thread(process.wait)  # until then it may still listen, and another port would be chosen
        self.kills += 1
        binary = find_mongod()
        if binary is None:
            raise RuntimeError("there is no mongod to start again")
        for _ in range(_STARTS):
            try:
                await asyncio.to_thread(start_mongod, binary, self.folder)
            except (ServerFailedError, TimeoutError) as error:  # somebody's connection may have the port for a moment
                errors.print(f"mongod did not come back at once: {error}", highlight=False)
                await asyncio.sleep(1)
            else:
                return
        raise RuntimeError("mongod did not come back")


@dataclass(slots=True)
class _Customers:
    """Start payments here and confirm them at the providers; remember what was confirmed."""

    state: State
    http: httpx.AsyncClient
    confirmed: Counter[str] = field(default_factory=Counter)

    async def pay(self, home: town.Home, *, provider: str, amount: Fen | None) -> None:
        """Pay what an account owes, or an amount of it."""
        started = await _patiently(lambda: self._start(home, provider, amount))
        intent = started.intent
        if intent.client is not None:
            await self._post("/pay/wechatpay/request", json=dict(intent.client))
        elif intent.pay_url is not None:
            (await self.http.get(intent.pay_url, follow_redirects=True)).raise_for_status()
            await self._post(f"/pay/{provider}/{intent.number}/confirm", json=None)
        self.confirmed[intent.number] += intent.amount

    async def _start(self, home: town.Home, provider: str, amount: Fen | None) -> Started:
        billing, now = self.state.hall.billing, self.state.clock.now()
        account = (await billing.accounts.load([home.account_id]))[home.account_id]
        started = await start(
            payments=billing.payments,
            provider=self.state.hall.providers[provider],
            wanted=[Wanted(account, amount=amount)],
            payer=f"chaos-{home.number}",
            key=f"chaos-{home.number}-{'all' if amount is None else 'part'}",
            description="电费",
            now=now,
            payer_at_provider=f"openid-{home.number}",
        )
        match started:
            case Started():
                return started
            case refused:
                raise RuntimeError(f"home {home.number} could not start to pay: {refused}")

    async def _post(self, path: str, *, json: object) -> None:
        (await self.http.post(path, json=json)).raise_for_status()


async def trouble_payments(
    state: State, *, folder: Path, homes: int, kills: int, public_port: int, stand_in_port: int, seed: int
) -> PaymentsOutcome:
    """Let every home of a town pay its bill in two parts, with all that can go wrong on the way, and count.

    The database must be empty, and be the embedded one in `folder`. The state's settings name the two ports.
    """
    town_homes = await _billed_town(state, homes)
    database, chance = _Database(folder / "mongod"), random.Random(seed)  # noqa: S311 - it plays
    with ExitStack() as stack:
        changed = environment(state.settings)
        for name, command, port in (
            (
                "api",
                python("uvicorn", "--factory", "gridhall.api.app:create_app", "--port", str(public_port)),
                public_port,
            ),
            ("stand-ins", _stand_ins(stand_in_port), stand_in_port),
        ):
            log = folder / f"{name}.log"
            await asyncio.to_thread(
                stack.enter_context, Server.started(command, port=port, log=log, environment=changed)
            )
        address = state.settings.wechatpay_url
        async with httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as http:
            customers = _Customers(state, http)
            for amount in _PART, None:
                await _pay_in_trouble(customers, database, town_homes, amount=amount, kills=kills // 2, chance=chance)
                tally = await _until_quiet(http)
                await _ask_about_the_rest(state)
        return await _count(state, customers, tally, kills=database.kills)


def _stand_ins(port: int) -> list[str]:
    arguments = ("--http-port", str(port), "--smtp-port", str(free_port()), "--callback-scale", str(_CALLBACK_SCALE))
    return [sys.executable, "-c", "from gridhall.simulators.cli import app; app()", *arguments]


async def _billed_town(state: State, homes: int) -> list[town.Home]:
    month = Month.of(local_day(state.clock.now(), state.settings.time_zone)).shift(-1)
    made = town.homes(homes)
    await town.settle(state, made, since=month.first)
    await town.read_registers(state, made, [month])
    await town.bill(state, month)
    return made


async def _pay_in_trouble(
    customers: _Customers,
    database: _Database,
    homes: Sequence[town.Home],
    *,
    amount: Fen | None,
    kills: int,
    chance: random.Random,
) -> None:
    """Pay an amount, or all that is owed, for some homes at a time, and kill the database while some of them pay."""
    groups = [homes[at : at + _AT_ONCE] for at in range(0, len(homes), _AT_ONCE)]
    deaths = set(chance.sample(range(len(groups)), min(kills, len(groups))))
    for number, group in enumerate(groups):
        await customers.http.post("/pay/control", json=_TROUBLES[number % len(_TROUBLES)])
        works: list[Awaitable[None]] = [
            customers.pay(home, provider=chance.choice(["wechatpay", "alipay"]), amount=amount) for home in group
        ]
        if number in deaths:
            works.append(_after(chance.uniform(0, 0.3), database.kill))
        await asyncio.gather(*works)
    await customers.http.post("/pay/control", json={})


async def _until_quiet(http: httpx.AsyncClient) -> dict[str, int]:
    """Wait until the stand-ins have told what they will tell; return what they did."""
    tally: dict[str, int] = {}
    async with asyncio.timeout(_QUIET_SECONDS):
        while True:
            before, tally = tally, (await http.get("/pay/control")).json()["callbacks"]
            if tally == before:
                return tally
            await asyncio.sleep(2)


async def _ask_about_the_rest(state: State) -> None:
    """Do what the job does, an hour later: whatever was not told is asked for."""
    later = state.clock.now() + ASKED_AFTER[-1]
    telling, providers = state.hall.billing.telling, state.hall.providers
    while (await ask_due(telling=telling, providers=providers, now=later, limit=100)).settled:
        continue


async def _after(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(seconds)
    await work()


async def _patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Try again while the database is away or a provider says no, as a customer does."""
    for _ in range(_TRIES):
        try:
            return await work()
        except (PyMongoError, httpx.HTTPError, ProviderUnavailableError):
            await asyncio.sleep(0.25)
    return await work()


async def _count(state: State, customers: _Customers, tally: dict[str, int], *, kills: int) -> PaymentsOutcome:
    """Read everything back as it lies in the database."""
    mongo, books = state.mongo, await read_books(state)
    paid = {"$expr": {"$eq": ["$paid", "$total"]}, "status": "paid"}
    return PaymentsOutcome(
        kills=kills,
        paid=len(customers.confirmed),
        fen=customers.confirmed.total(),
        received=await mongo["payments"].count_documents({}),
        postings=books.postings["payment"],
        cash=books.cash,
        open=await mongo["payment_intents"].count_documents({"status": {"$ne": "paid"}}),
        wrong_bills=await mongo["bills"].count_documents({"$nor": [paid]}),
        callbacks=tally.get("sent", 0),
        lost=tally.get("lost", 0),
        forged=tally.get("forged", 0),
        forged_taken=tally.get("forged_taken", 0),
        cases=await mongo["billing_cases"].count_documents({}),
        unbalanced=books.unbalanced,
        books=books.total,
    )
