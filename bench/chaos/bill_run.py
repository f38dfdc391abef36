"""Bill runs killed in the middle of writing, and afterwards every bill, posting, balance and event counted."""

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bench import town
from bench.chaos.books import read_books
from bench.processes import environment
from gridhall.api.state import State
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import Part, PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.kit.localdays import Month, local_day
from gridhall.kit.money import Fen

_COMMAND: Final = (sys.executable, "-c", "from gridhall.billing.bills.cli import app; app()", "run")
_LOOK_SECONDS: Final = 0.01
_PREPAID: Final = Fen(30_000)
_EVERY_THIRD: Final = 3
"""Every third account has paid ahead, so that some bills are paid by their issue."""


@dataclass(frozen=True, slots=True)
class BillRunOutcome:
    """What was found once the last run had ended by itself.

    kills: runs that were killed while they wrote. due: accounts times months. bills: bills that stand. twice: months
    of accounts with more than one. charges: charges in the ledger. unbalanced: accounts whose balance is not the sum
    of their entries. told: issues told of in the outbox. debts: bills that are followed; owing: how many are
    not paid. books: the sum of all entries, in fen.
    """

    kills: int
    due: int
    bills: int
    twice: int
    charges: int
    told: int
    owing: int
    debts: int
    unbalanced: int
    books: int

    def problems(self) -> list[str]:
        """Return what is not as it has to be."""
        claims = {
            "every account has its bill": self.bills == self.due,
            "none has two of a month": not self.twice,
            "every bill is charged once": self.charges == self.bills,
            "every issue is told of once": self.told == self.bills,
            "every bill that is owed is followed, and no other": self.debts == self.owing,
            "every balance is the sum of its entries": not self.unbalanced,
            "the books sum to zero": not self.books,
        }
        return [f"not so: {claim}" for claim, holds in claims.items() if not holds]


async def kill_bill_runs(
    state: State, *, folder: Path, kills: int, accounts: int, months: int, longest_life: float, seed: int
) -> BillRunOutcome:
    """Bill a town for some months by runs that are killed `kills` times, let the last ones finish, and count.

    The database must be empty. longest_life: seconds at most from the first bill that a run writes to its end.
    Raises RuntimeError where the months are all billed before the last kill.
    """
    today = local_day(state.clock.now(), state.settings.time_zone)
    billed = [Month.of(today).shift(-back) for back in range(months, 0, -1)]
    homes = town.homes(accounts)
    await town.settle(state, homes, since=billed[0].first)
    await town.read_registers(state, homes, billed)
    await _pay_ahead(state, homes, now=state.clock.now())
    chance, left, log = random.Random(seed), list(billed), folder / "bill-runs.log"  # noqa: S311 - it plays
    killed = 0
    while killed < kills:
        if not left:
            raise RuntimeError(f"all months were billed after {killed} kills; give more accounts")
        if await _one_run(state, left[0], log=log, life=chance.uniform(0, longest_life)):
            killed += 1
        else:
            left.pop(0)
    for month in left:
        if await _one_run(state, month, log=log, life=None):
            raise AssertionError("unreachable: nobody kills the last runs")
    return await _count(state, kills=killed, due=accounts * months)


async def _pay_ahead(state: State, homes: Sequence[town.Home], *, now: datetime) -> None:
    for home in homes[::_EVERY_THIRD]:
        paid = PaymentReceived("counter", f"ahead-{home.number}", (Part(home.account_id, (), _PREPAID),), now)
        await settle(payments=state.hall.billing.payments, payment=paid, cash=Book.CASH_COUNTER, now=now)


async def _one_run(state: State, month: Month, *, log: Path, life: float | None) -> bool:
    """Run a month in a process of its own; return whether it was killed, `life` seconds after its first bill."""
    before, clock = await _bills(state), asyncio.get_running_loop().time
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *(*_COMMAND, "--period", str(month), "--region", town.REGION, "--json"),
            stdout=out,
            stderr=out,
            env={**os.environ, **environment(state.settings)},
        )
    dies_at: float | None = None
    while process.returncode is None:
        if life is not None and dies_at is None and await _bills(state) > before:
            dies_at = clock() + life
        if dies_at is not None and clock() >= dies_at:
            process.kill()
            await process.wait()
            return True
        await asyncio.sleep(_LOOK_SECONDS)
    if process.returncode:
        raise RuntimeError(f"a bill run failed: {(await asyncio.to_thread(log.read_text))[-2000:]}")
    return False


async def _bills(state: State) -> int:
    return int(await state.mongo["bills"].estimated_document_count())


async def _count(state: State, *, kills: int, due: int) -> BillRunOutcome:
    """Read everything back as it lies in the database, not by the room's own queries."""
    mongo = state.mongo
    standing = {"status": {"$nin": ["held", "rejected", "cancelled"]}}
    months: Counter[tuple[object, str]] = Counter()
    owing = bills = 0
    async for bill in mongo["bills"].find(standing):
        months[bill["account_id"], bill["month"]] += 1
        bills += 1
        owing += bill["status"] in {"issued", "part_paid"}
    books = await read_books(state)
    return BillRunOutcome(
        kills=kills,
        due=due,
        bills=bills,
        twice=sum(count > 1 for count in months.values()),
        charges=books.postings["charge"],
        told=await mongo["outbox"].count_documents({"kind": "billing.bill_issued"}),
        owing=owing,
        debts=await mongo["debts"].count_documents({}),
        unbalanced=books.unbalanced,
        books=books.total,
    )
