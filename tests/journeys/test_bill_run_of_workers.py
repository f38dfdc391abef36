"""A bill run as the workers do it: one job opens it, a job a range bills it, and the last one finishes it."""

from gridhall.billing.accounts.model import Account
from gridhall.kit.jobs import CeleryQueue, producer
from gridhall.kit.localdays import Month, local_day
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from gridhall.workers import names
from tests.factories.accounts import an_account, point_of
from tests.factories.app import eventually
from tests.factories.reads import a_read
from tests.factories.service import Service

ZONE = "Asia/Shanghai"
REGION = "jiangsu"
"""A region of its own: the journeys share one service."""


async def homes(service: Service, month: Month, count: int) -> list[Account]:
    """Accounts with a read at both ends of a month."""
    state = service.state
    numbers = range(8_001, 8_001 + count)
    made = [
        an_account(number, region=REGION, tariff="jiangsu-residential", kept_since=month.first) for number in numbers
    ]
    await state.hall.billing.accounts.add(made)
    reads = [
        a_read(point_of(one), day, shown, meter=f"M{one.number}")
        for one in made
        for day, shown in ((month.first, "1000.00"), (month.shift(1).first, "1200.00"))
    ]
    await record_reads(reads=reads, registers=RegisterRepository(state.mongo), now=state.clock.now())
    return made


async def test_a_run_is_opened_and_billed_by_jobs_and_a_second_time_bills_nobody_twice(service: Service) -> None:
    state = service.state
    month = Month.of(local_day(state.clock.now(), ZONE)).shift(-1)
    accounts = await homes(service, month, 12)
    routes = {name: {"queue": queue} for name, queue in names.QUEUES.items()}
    queue = CeleryQueue(producer(str(service.settings.redis_uri), routes=routes))
    runs = state.hall.billing.running.runs

    async def finished(number: int) -> object:
        run = await runs.newest_of(REGION, month)
        return run if run and run.number == number and run.finished_at else None

    for number in (1, 2):
        await queue.send(names.OPEN_BILL_RUN, region=REGION, month=str(month), by="clock")
        await eventually(lambda number=number: finished(number), what=f"run {number}")  # type: ignore[misc]
        found = await state.hall.billing.bills.since([one.id for one in accounts], month=month)
        assert [len(found[one.id]) for one in accounts] == [1] * len(accounts)
