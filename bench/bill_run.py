"""What a bill run costs: accounts billed, reviewed and issued a second, as `gridhall bills run --parallel` does."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context

from bench import mongod, town
from bench.ground import Ground
from bench.processes import environment
from bench.result import OURS, Result
from bench.rounds import Sample, Stopwatch, in_turns
from gridhall.billing.opening import open_billing
from gridhall.billing.runs.model import RunId
from gridhall.billing.runs.operations import open_run, this_worker, work
from gridhall.kit.clock import SystemClock
from gridhall.kit.localdays import Month, local_day

_PROCESSES = 2


async def run(ground: Ground) -> list[Result]:
    """Bill a month a round, of accounts with registers at both ends and no curve, at w:majority and with review.

    The CPU is that of a bill, of this process and of the database beside it; that of other processes is not told.
    """
    async with ground.open("bench_bill_run") as state:
        today = local_day(state.clock.now(), state.settings.time_zone)
        # A first month a row warms up.
        months = [Month.of(today).shift(-back) for back in range(2 * (ground.rounds + 1), 0, -1)]
        accounts = town.homes(ground.size(5000, 600))
        await town.settle(state, accounts, since=months[0].first)
        await town.read_registers(state, accounts, months)
        running, coming = state.hall.billing.running, iter(months)

        async def alone(run: RunId) -> None:
            opened = await running.runs.load(run)
            if opened is not None:
                await work(running=running, run=opened, clock=state.clock, owner=this_worker())

        async def together(run: RunId) -> None:
            loop = asyncio.get_running_loop()
            await asyncio.gather(*(loop.run_in_executor(pool, _work, run) for _ in range(_PROCESSES)))

        async def billed(bill: Callable[[RunId], Awaitable[None]], workers: int, _round: int) -> Sample:
            now, month = state.clock.now(), next(coming)
            opened = await open_run(
                running=running, region=town.REGION, month=month, by="bench", workers=workers, now=now
            )
            before, watch = await mongod.cpu(state.mongo), Stopwatch()
            await bill(opened.id)
            sample = watch.sample(len(accounts))
            issued = await state.mongo["bills"].count_documents({"month": str(month), "status": {"$ne": "held"}})
            if issued != len(accounts):
                raise RuntimeError(f"{issued} of {len(accounts)} bills were issued; the others wait or are held")
            return replace(
                sample,
                mongod=await mongod.cpu(state.mongo) - before,
                cpu=sample.cpu if workers == 1 else None,
            )

        results: list[Result] = []
        changed = environment(state.settings)
        with ProcessPoolExecutor(
            _PROCESSES, mp_context=get_context("spawn"), initializer=_take_over, initargs=(changed,)
        ) as pool:
            for row, bill, workers in (
                ("bill run (accounts)", alone, 1),
                ("bill run, two processes (accounts)", together, _PROCESSES),
            ):
                await billed(bill, workers, 0)
                results += await in_turns(row, {OURS: partial(billed, bill, workers)}, rounds=ground.rounds)
        return results


def _take_over(changed: dict[str, str]) -> None:
    os.environ.update(changed)


def _work(run: RunId) -> None:
    """Work on a run in a process of its own, as `gridhall bills run --parallel` does."""
    asyncio.run(_work_on(run))


async def _work_on(run: RunId) -> None:
    async with open_billing() as billing:
        opened = await billing.running.runs.load(run)
        if opened is not None:
            await work(running=billing.running, run=opened, clock=SystemClock(), owner=this_worker())
