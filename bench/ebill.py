"""What an e-bill costs: drawn, and from the event of an issued bill to the mail in the stand-in's hands."""

import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count

from bench import town
from bench.ground import Ground
from bench.processes import Server, python
from bench.result import OURS, Result
from bench.rounds import Sample, Stopwatch, in_turns
from gridhall.api.state import State
from gridhall.billing.bills.model import E_BILL
from gridhall.kit.embedded.process import free_port
from gridhall.kit.localdays import Month, local_day
from gridhall.kit.money import round_to_fen
from gridhall.notifications.ebill.model import ChargeLine, EBill, LineKind, MonthUsage, ReadingSource, RegisterRow
from gridhall.notifications.ebill.render import render
from gridhall.notifications.ledger.model import DeliveryState
from gridhall.notifications.sending.deliver import deliver
from gridhall.notifications.triggers.bills import tell_issued_bills

_MOST_EVENTS = 10_000


async def run(ground: Ground) -> list[Result]:
    """Draw distinct bills; then tell of a month's bills a round, by mail with the PDF."""
    return await _drawn(ground) + await _mailed(ground)


async def _drawn(ground: Ground) -> list[Result]:
    bill, numbers = _bill(), count()

    async def draw(_round: int) -> Sample:
        each: list[float] = []
        watch = Stopwatch()
        for _ in range(ground.size(200, 40)):
            began = time.perf_counter()
            # A number of its own each time: typst remembers what it has drawn before.
            render(replace(bill, number=f"B{next(numbers)}"))
            each.append((time.perf_counter() - began) * 1000)
        return watch.sample(len(each), each)

    render(bill)
    return await in_turns("e-bill drawn", {OURS: draw}, rounds=ground.rounds)


async def _mailed(ground: Ground) -> list[Result]:
    http, smtp = str(free_port()), free_port()
    stand_ins = python("gridhall.api.cli", "simulators", "--http-port", http, "--smtp-port", str(smtp))
    async with ground.open("bench_e_bill", mail_port=smtp) as state:
        today = local_day(state.clock.now(), state.settings.time_zone)
        # The first month warms up.
        months = [Month.of(today).shift(-back) for back in range(ground.rounds + 1, 0, -1)]
        homes = town.homes(ground.size(100, 20))
        await town.settle(state, homes, since=months[0].first)
        await town.people(state, homes, now=state.clock.now())
        await town.read_registers(state, homes, months)
        with Server.started(stand_ins, port=smtp, log=ground.settings.data_dir / "stand-ins.log"):

            async def mail(number: int) -> Sample:
                return await _mail(state, months[number + 1])

            await _mail(state, months[0])
            return await in_turns("e-bill mailed", {OURS: mail}, rounds=ground.rounds)


async def _mail(state: State, month: Month) -> Sample:
    await town.bill(state, month)
    newsroom, now = state.hall.post_room.newsroom, state.clock.now()
    waiting = await newsroom.outbox.waiting(before=now, limit=_MOST_EVENTS)
    events = [event.id for event in waiting if event.kind == "billing.bill_issued"]
    watch = Stopwatch()
    keys = await tell_issued_bills(newsroom=newsroom, event_ids=events, now=now)
    states = await deliver(office=newsroom.office, keys=keys, clock=state.clock)
    taken = watch.sample(len(keys))
    await newsroom.outbox.mark_published(dict.fromkeys(events, ()), now=now)
    if set(states.values()) != {DeliveryState.SENT}:
        raise RuntimeError(f"not every e-bill was sent: {sorted(set(states.values()))}")
    return taken


def _bill() -> EBill:
    kwh, price = Decimal(320), Decimal("0.538")
    amount = round_to_fen(kwh * price)
    return EBill(
        number="B1",
        template_version=E_BILL,
        supplier_name="格里供电",
        region_name="浙江",
        customer_name="*三",
        account_number="330****001",
        supply_address="浙江省杭州市****",
        first_day=date(2024, 8, 1),
        last_day=date(2024, 8, 31),
        issued_on=date(2024, 9, 2),
        due_on=date(2024, 9, 25),
        total=amount,
        lines=(ChargeLine(LineKind.ENERGY, "total", 1, kwh, price, amount),),
        registers=(RegisterRow("total", Decimal(1000), Decimal(1320), Decimal(1), kwh),),
        readings=ReadingSource("M1", Decimal(1)),
        tariff_name="居民阶梯电价",
        hotline="95598",
        months=tuple(MonthUsage(Month(2023, 8).shift(n), Decimal(200 + 10 * n), n == 12) for n in range(13)),  # noqa: PLR2004 - the last
    )
