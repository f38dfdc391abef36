"""What a bill run costs: accounts billed, reviewed and issued a second by one process, in chunks as the workers do."""

from bench import town
from bench.ground import Ground
from bench.result import OURS, Result
from bench.rounds import Sample, Stopwatch, in_turns
from gridhall.kit.localdays import Month, local_day


async def run(ground: Ground) -> list[Result]:
    """Bill a month a round, of accounts with registers at both ends and no curve."""
    async with ground.open("bench_bill_run") as state:
        today = local_day(state.clock.now(), state.settings.time_zone)
        # The first month warms up.
        months = [Month.of(today).shift(-back) for back in range(ground.rounds + 1, 0, -1)]
        accounts = town.homes(ground.size(5000, 600))
        await town.settle(state, accounts, since=months[0].first)
        await town.read_registers(state, accounts, months)
        await town.bill(state, months[0])

        async def bill(number: int) -> Sample:
            watch = Stopwatch()
            issued = await town.bill(state, months[number + 1])
            sample = watch.sample(issued)
            if issued != len(accounts):
                raise RuntimeError(f"{issued} of {len(accounts)} bills were issued; the others wait or are held")
            return sample

        return await in_turns("bill run (accounts)", {OURS: bill}, rounds=ground.rounds)
