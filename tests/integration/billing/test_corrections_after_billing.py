"""What is corrected on a day that a bill stands on is told once and questions the bill, whatever breaks in between."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.corrections.operations import look_again, question
from gridhall.billing.services import Billing
from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Mongo
from gridhall.metering.closings.repository import ClosingRepository
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.registers.operations import record_reads, record_reads_in
from gridhall.metering.registers.repository import RegisterRepository
from tests.factories.accounts import point_of
from tests.factories.reads import a_read
from tests.factories.rooms import Rooms, all_documents
from tests.integration.billing.conftest import Read

JANUARY, CLOSED, OPEN = Month(2026, 1), date(2026, 1, 20), date(2026, 2, 20)
NOW = datetime(2026, 11, 3, 2, tzinfo=UTC)
LATER = NOW + timedelta(days=2)

Store = Callable[..., Awaitable[None]]


@pytest.fixture
def histories(mongo: Mongo) -> HistoryRepository:
    return HistoryRepository(mongo)


@pytest.fixture
def store(histories: HistoryRepository, accounts: list[Account]) -> Store:
    """Store a day of the first account's point, every hour the same."""

    async def day(value: int, on: date = CLOSED, *, now: datetime = LATER, quality: int = 0) -> None:
        key = day_key(point_of(accounts[0]), "import-kwh", on)
        piece = DayPiece(key, 60, 3, "Asia/Shanghai", "single", [value] * 24, bytearray([quality]) * 24)
        await record(pieces=[piece], histories=histories, now=now)

    return day


@pytest.fixture
async def issued(billing: Billing, accounts: list[Account], store: Store) -> None:
    """January is billed; of its twentieth day the curve was estimated before."""
    await store(100, now=NOW, quality=8)
    result = await issue_chunk(
        issuing=billing.issuing, account_ids=[one.id for one in accounts], month=JANUARY, now=NOW
    )
    assert result.issued == 3


async def told(mongo: Mongo) -> list[dict[str, object]]:
    return [one for one in await all_documents(mongo, "outbox") if one["kind"] == "metering.closed_day_changed"]


async def ask(rooms: Rooms, mongo: Mongo) -> int:
    return await question(
        questioning=rooms.billing.questioning, event_ids=[one["_id"] for one in await told(mongo)], now=LATER
    )


async def corrections(rooms: Rooms) -> list[tuple[str, date, object, object]]:
    page = await rooms.billing.questioning.corrections.page(region="zhejiang", before=None, limit=10)
    return [(one.kind.value, one.day, one.before, one.after) for one in page]


@pytest.mark.usefixtures("issued")
class TestCurves:
    async def test_a_real_reading_in_place_of_an_estimate_questions_the_bill_once(
        self, rooms: Rooms, mongo: Mongo, store: Store
    ) -> None:
        await store(150)
        await store(150)
        (event,) = await told(mongo)
        assert event["payload"] | {"point_id": ""} == {
            "kind": "curve",
            "point_id": "",
            "channel": "import-kwh",
            "day": "2026-01-20",
            "revision": 2,
            "before": {"total": "2.400"},
            "after": {"total": "3.600"},
        }
        assert [await ask(rooms, mongo) for _ in range(2)] == [1, 1]
        assert await corrections(rooms) == [("curve", CLOSED, (("total", "2.400"),), (("total", "3.600"),))]

    async def test_a_day_that_comes_late_adds_to_a_closed_month(self, rooms: Rooms, mongo: Mongo, store: Store) -> None:
        await store(150, CLOSED + timedelta(days=1))
        (event,) = await told(mongo)
        assert event["payload"]["before"] is None
        assert await ask(rooms, mongo) == 1

    async def test_a_day_that_no_bill_stands_on_is_nobodys_news(self, mongo: Mongo, store: Store) -> None:
        await store(100, OPEN)
        await store(150, OPEN)
        assert await told(mongo) == []

    @pytest.mark.parametrize("broken", ["tell", "put_months"])
    async def test_a_crash_before_or_after_the_telling_neither_loses_nor_doubles_it(
        self, mongo: Mongo, store: Store, histories: HistoryRepository, monkeypatch: pytest.MonkeyPatch, broken: str
    ) -> None:
        async def crash(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        target = histories.closings if broken == "tell" else histories
        with monkeypatch.context() as patched:
            patched.setattr(target, broken, crash)
            with pytest.raises(KeyboardInterrupt):
                await store(150)
        assert len(await told(mongo)) == (broken == "put_months")
        await store(150)
        (event,) = await told(mongo)
        assert event["payload"]["before"] == {"total": "2.400"}


@pytest.mark.usefixtures("issued")
class TestRegisters:
    @pytest.fixture
    def registers(self, mongo: Mongo) -> RegisterRepository:
        return RegisterRepository(mongo)

    async def test_the_closing_read_corrected_questions_the_bill_that_stands_on_it(
        self, rooms: Rooms, mongo: Mongo, accounts: list[Account], registers: RegisterRepository
    ) -> None:
        meter = f"M{accounts[0].number}"
        read = a_read(point_of(accounts[0]), date(2026, 2, 1), "1190.00", meter=meter)
        for _ in range(2):
            await record_reads(reads=[read], registers=registers, now=LATER)
        assert len(await told(mongo)) == 1
        assert await ask(rooms, mongo) == 1
        label = f"{meter} total"
        assert await corrections(rooms) == [("register", date(2026, 2, 1), ((label, "1200"),), ((label, "1190"),))]

    async def test_a_read_in_a_transaction_tells_as_well(
        self, rooms: Rooms, mongo: Mongo, accounts: list[Account], registers: RegisterRepository
    ) -> None:
        read = a_read(point_of(accounts[0]), date(2026, 1, 1), "1001.00", meter=f"M{accounts[0].number}")

        async def work(transaction: object) -> None:
            await record_reads_in(reads=[read], registers=registers, now=LATER, transaction=transaction)  # type: ignore[arg-type]

        await mongo.transact(work)
        assert len(await told(mongo)) == 1
        assert await ask(rooms, mongo) == 1

    async def test_a_crash_between_the_read_and_the_telling_is_made_good_by_the_replay(
        self, mongo: Mongo, accounts: list[Account], registers: RegisterRepository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def crash(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        read = a_read(point_of(accounts[0]), date(2026, 2, 1), "1190.00", meter=f"M{accounts[0].number}")
        with monkeypatch.context() as patched:
            patched.setattr(registers.closings, "tell", crash)
            with pytest.raises(KeyboardInterrupt):
                await record_reads(reads=[read], registers=registers, now=LATER)
        assert await told(mongo) == []
        await record_reads(reads=[read], registers=registers, now=LATER)
        assert len(await told(mongo)) == 1


class TestTheRaceWithTheBillRun:
    async def test_a_read_that_changes_while_the_bill_is_made_is_seen_when_it_is_issued(
        self, rooms: Rooms, mongo: Mongo, accounts: list[Account], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        issuing, registers = rooms.billing.issuing, RegisterRepository(mongo)
        transact = mongo.transact
        meter = f"M{accounts[0].number}"

        async def late(work: Callable[..., Awaitable[object]], **given: object) -> object:
            """Change the read after the bill was drafted on it and before its day is closed."""
            read = a_read(point_of(accounts[0]), date(2026, 2, 1), "1190.00", meter=meter)
            await record_reads(reads=[read], registers=registers, now=NOW)
            return await transact(work, **given)  # type: ignore[arg-type]

        monkeypatch.setattr(mongo, "transact", late)
        await issue_chunk(issuing=issuing, account_ids=[accounts[0].id], month=JANUARY, now=NOW)
        assert await told(mongo) == []
        label = f"{meter} total"
        assert await corrections(rooms) == [("register", date(2026, 2, 1), ((label, "1200"),), ((label, "1190"),))]

    async def test_looking_again_at_bills_that_stand_as_they_were_made_finds_nothing(
        self, rooms: Rooms, accounts: list[Account], read: Read, mongo: Mongo
    ) -> None:
        assert read
        await issue_chunk(
            issuing=rooms.billing.issuing, account_ids=[one.id for one in accounts], month=JANUARY, now=NOW
        )
        bills = (await rooms.billing.bills.since([one.id for one in accounts], month=JANUARY)).values()
        made = [bill for of_account in bills for bill in of_account]
        assert await look_again(questioning=rooms.billing.questioning, bills=made, now=NOW) == 0
        closed = await ClosingRepository(mongo).of([point_of(accounts[0]).bytes + b"\x01"])
        assert [one.until for one in closed.values()] == [date(2026, 2, 1)]
