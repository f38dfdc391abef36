"""`make chaos`: kill what must survive being killed, and print what was found. Words in the arguments: a seed."""

import asyncio
import random
import sys
from dataclasses import asdict

import typer

from bench.chaos.feed_stream import Outcome, kill_consumers
from bench.ground import Ground, prepared
from gridhall.kit import log
from gridhall.kit.console import errors
from gridhall.kit.mongo import Mongo

_KILLS, _LIFE_SECONDS, _METERS, _ROWS = 25, 1.0, 4000, 200


def main() -> None:
    """Run, print, and end with 1 where anything is missing."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(10**6)  # noqa: S311 - it is printed
    log.configure(level="ERROR")
    with prepared(quick=False) as ground:
        outcome = asyncio.run(_stream(ground, seed=seed))
    typer.echo(f"feed stream, seed {seed}")
    for name, figure in asdict(outcome).items():
        typer.echo(f"  {name:<14}{figure}")
    if problems := problems_of(outcome):
        errors.print("\n".join(problems), style="red")
        raise SystemExit(1)


def problems_of(outcome: Outcome) -> list[str]:
    """Return what is not as it has to be."""
    claims = {
        "every entry is acknowledged": outcome.acknowledged == outcome.entries,
        "every reading is kept once, with its last value": outcome.found == outcome.expected,
        "every month agrees with its day": outcome.months == outcome.meters,
        "a redelivery writes no day again": not outcome.multiplied,
        "nothing is refused": not outcome.quarantined,
        "the stream is trimmed": not outcome.length and not outcome.pending,
        "whoever is asked to stop ends well": not any(outcome.exits),
    }
    return [f"not so: {claim}" for claim, holds in claims.items() if not holds]


async def _stream(ground: Ground, *, seed: int) -> Outcome:
    settings = ground.on("chaos", feed_stream_claim_seconds=1.0, feed_stream_batch_bytes=2**17, feed_stream_tries=10)
    mongo = Mongo.connect(uri=str(settings.mongo_uri), database="chaos", driver=settings.mongo_driver)
    try:
        return await kill_consumers(
            settings,
            mongo=mongo,
            folder=settings.data_dir,
            kills=_KILLS,
            longest_life=_LIFE_SECONDS,
            meters=_METERS,
            rows=_ROWS,
            seed=seed,
        )
    finally:
        await mongo.close()


main()
