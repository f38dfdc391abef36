"""What a bill run costs: accounts billed, reviewed and issued a second by one process of `gridhall bills run`."""

from dataclasses import replace

from bench import mongod, town
from bench.ground import Ground
from bench.result import OURS, Result
from bench.rounds import Sample, Stopwatch, in_turns
from gridhall.billing.runs.operations import open_run, work
from gridhall.kit.localdays import Month, local_day


async def run(ground: Ground) -> list[Result]:
    """Bill a month a round, of accounts with registers at both ends and no curve, at w:majority and with review.

    The CPU is that of a bill, of this process and of the database beside it.
    """
    async with ground.open("bench_bill_run") as state:
        today = local_day(state.clock.now(), state.settings.time_zone)
        # The first month warms up.
        months = [Month.of(today).shift(-back) for back in range(ground.rounds + 1, 0, -1)]
        accounts = town.homes(ground.size(5000, 600))
        await town.settle(state, accounts, since=months[0].first)
        await town.read_registers(state, accounts, months)
        running = state.hall.billing.running

        async def billed(month: Month) -> int:
            run = await open_run(running=running, region=town.REGION, month=month, by="bench", now=state.clock.now())
            return (await work(running=running, run=run, clock=state.clock, owner="bench")).issued

        await billed(months[0])

        async def bill(number: int) -> Sample:
            before, watch = await mongod.cpu(state.mongo), Stopwatch()
            issued = await billed(months[number + 1])
            sample = replace(watch.sample(issued), mongod=await mongod.cpu(state.mongo) - before)
            if issued != len(accounts):
                raise RuntimeError(f"{issued} of {len(accounts)} bills were issued; the others wait or are held")
            return sample

        return await in_turns("bill run (accounts)", {OURS: bill}, rounds=ground.rounds)
