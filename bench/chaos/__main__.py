"""`make chaos`: kill what must survive being killed, and print what was found."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict
from typing import Annotated, Any, ClassVar, Final, Protocol

import typer

from bench.chaos.bill_run import kill_bill_runs
from bench.chaos.feed_stream import kill_consumers
from bench.chaos.payments import trouble_payments
from bench.ground import Ground, prepared
from gridhall.kit import log
from gridhall.kit.console import errors
from gridhall.kit.embedded.process import free_port
from gridhall.kit.mongo import Mongo


class Outcome(Protocol):
    """What was found, as figures."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def problems(self) -> list[str]:
        """Return what is not as it has to be."""


def main(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names of proofs (feed_stream, bill_run, payments; all of them where none is named), and a number, "
            "which is the seed of a run that is repeated."
        ),
    ] = None,
) -> None:
    """Kill what must survive being killed, print what was counted, and end with 1 where anything is missing."""
    seeds = [int(word) for word in words or () if word.isdigit()]
    names = [word for word in words or () if not word.isdigit()]
    if unknown := set(names) - PROOFS.keys():
        raise typer.BadParameter(f"{min(unknown)} is no proof; there are {', '.join(PROOFS)}")
    seed = seeds[0] if seeds else random.randrange(10**6)  # noqa: S311 - it is printed
    log.configure(level="ERROR")
    problems = []
    for name in names or PROOFS:
        with prepared(quick=False) as ground:
            outcome = asyncio.run(PROOFS[name](ground, seed))
        typer.echo(f"{name}, seed {seed}")
        for figure, value in asdict(outcome).items():
            typer.echo(f"  {figure:<14}{value}")
        problems += [f"{name}: {problem}" for problem in outcome.problems()]
    if problems:
        errors.print("\n".join(problems), style="red")
        raise SystemExit(1)


async def _feed_stream(ground: Ground, seed: int) -> Outcome:
    settings = ground.on("chaos", feed_stream_claim_seconds=1.0, feed_stream_batch_bytes=2**17, feed_stream_tries=10)
    mongo = Mongo.connect(uri=str(settings.mongo_uri), database="chaos", driver=settings.mongo_driver)
    try:
        return await kill_consumers(
            settings,
            mongo=mongo,
            folder=settings.data_dir,
            kills=25,
            longest_life=1.0,
            meters=4000,
            rows=200,
            seed=seed,
        )
    finally:
        await mongo.close()


async def _bill_run(ground: Ground, seed: int) -> Outcome:
    async with ground.open("chaos") as state:
        return await kill_bill_runs(
            state, folder=state.settings.data_dir, kills=20, accounts=6000, months=3, longest_life=0.4, seed=seed
        )


async def _payments(ground: Ground, seed: int) -> Outcome:
    api, stand_ins = free_port(), free_port()
    there = f"http://127.0.0.1:{stand_ins}"
    changes = {
        "public_url": f"http://127.0.0.1:{api}",
        "wechatpay_url": there,
        "alipay_url": f"{there}/gateway.do",
    }
    async with ground.open("chaos", **changes) as state:
        return await trouble_payments(
            state,
            folder=state.settings.data_dir,
            homes=160,
            kills=8,
            public_port=api,
            stand_in_port=stand_ins,
            seed=seed,
        )


PROOFS: Final[Mapping[str, Callable[[Ground, int], Coroutine[Any, Any, Outcome]]]] = {
    "feed_stream": _feed_stream,
    "bill_run": _bill_run,
    "payments": _payments,
}

if __name__ == "__main__":
    typer.run(main)
