"""The board of a billing cycle: every account stands somewhere, with whom, since when, and why."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.model import Pursuit
from gridhall.billing.arrears.policies import SupplyClass
from gridhall.billing.arrears.states import Standing, State
from gridhall.billing.bills.holds import HoldMove, hold_from
from gridhall.billing.bills.model import Bill, BillStatus, Finding
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.board.model import Board, Entry, Row, Share, Stage
from gridhall.billing.board.pages import Asked, BadPlaceError, stage_page
from gridhall.billing.board.queries import billing_board
from gridhall.billing.board.repository import (
    bills_pipeline,
    held_pipeline,
    procedure_pipeline,
    waits_pipeline,
)
from gridhall.billing.services import Billing
from gridhall.billing.waits.model import Waiting
from gridhall.billing.waits.repository import WaitRepository
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill

OCTOBER = Month(2026, 10)
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
WAITED = datetime(2026, 11, 2, 2, tzinfo=UTC)
ASKED = datetime(2026, 11, 4, 2, tzinfo=UTC)


def held_bills(accounts: Iterator[Account]) -> list[Bill]:
    """One of nobody, one of li.na, one that waits for approval, one that was sent back."""
    hold = hold_from(date(2026, 11, 2))
    prepared = hold.after(HoldMove.RELEASE_PREPARED, at=ASKED, by="li.na", note="a sauna")
    holds = [
        hold,
        hold.after(HoldMove.ASSIGNED, at=ASKED, by="li.na", note="li.na"),
        prepared,
        prepared.after(HoldMove.SENT_BACK, at=ASKED, by="han", note="ask first"),
    ]
    finding = Finding("jumped_against_last_month", (("kwh", "900"),))
    return [a_bill(next(accounts), "2026-10", status=BillStatus.HELD, hold=one, findings=(finding,)) for one in holds]


@pytest.fixture
async def cycle(billing: Billing, mongo: Mongo) -> dict[str, Account]:
    """Fourteen accounts of the city and one of the village, spread over the stages."""
    known = [an_account(number) for number in range(1, 15)] + [an_account(15, org_path="grid/village")]
    await billing.accounts.add(known)
    accounts = iter(known)
    waits = {
        next(accounts): Waiting("no_register_read", (("day", "2026-11-01"),)),
        next(accounts): Waiting("reread_pending", (("day", "2026-11-01"),)),
        next(accounts): Waiting("sent_back", (("by", "han"), ("reason", "misread"))),
    }
    for account, waiting in waits.items():
        await billing.waits.keep(
            month=OCTOBER, waiting={account.id: waiting}, accounts={account.id: account}, settled=(), now=WAITED
        )
    late = date(2026, 11, 21)
    bills = [
        *held_bills(accounts),
        a_bill(next(accounts), "2026-10", due_on=date(2026, 12, 1)),
        a_bill(next(accounts), "2026-10", status=BillStatus.PART_PAID, paid=Fen(1000), due_on=date(2026, 12, 1)),
        a_bill(next(accounts), "2026-10", status=BillStatus.PAID, paid=Fen(10760), due_on=late),
        a_bill(next(accounts), "2026-10", due_on=late),
        a_bill(cut := next(accounts), "2026-10", status=BillStatus.PART_PAID, paid=Fen(760), due_on=late),
        a_bill(again := next(accounts), "2026-10", status=BillStatus.CANCELLED, due_on=late),
        a_bill(again, "2026-10", 100, sequence=2, due_on=date(2026, 12, 1)),
    ]
    proposed = Pursuit(
        account_id=cut.id,
        region=cut.region,
        org_path=cut.org_path,
        supply_class=SupplyClass.RESIDENTIAL,
        standing=Standing(State.DISCONNECTION_PROPOSED, frozenset()),
        since=ASKED,
        revision=1,
    )

    async def write(transaction: Transaction) -> None:
        await billing.bills.add(bills, transaction=transaction)
        await billing.boards.pursuits.put([proposed], transaction=transaction)

    await mongo.transact(write)
    return {"cut": cut, "again": again, "village": known[-1], "unread": known[0], "doubted": known[1], "void": known[2]}


def rows(board: Board) -> dict[Stage, Row]:
    return {row.stage: row for row in board.rows if row.count}


async def the_board(billing: Billing, *units: str) -> Board:
    return await billing_board(boards=billing.boards, region="zhejiang", month=OCTOBER, units=units or ("",), now=NOW)


class TestTheBoard:
    async def test_every_account_stands_in_one_stage(self, billing: Billing, cycle: dict[str, Account]) -> None:
        board = await the_board(billing)
        assert board.accounts == 15
        assert {stage: row.count for stage, row in rows(board).items()} == {
            Stage.NOT_RUN: 2,
            Stage.WAITING_READING: 1,
            Stage.READING_DOUBTED: 1,
            Stage.SENT_BACK: 1,
            Stage.HELD: 2,
            Stage.RELEASE_SENT_BACK: 1,
            Stage.APPROVAL_WAITING: 1,
            Stage.ISSUED: 2,
            Stage.PART_PAID: 1,
            Stage.OVERDUE: 1,
            Stage.IN_ARREARS: 1,
            Stage.PAID: 1,
            Stage.CANCELLED: 1,
        }
        assert [row.stage for row in board.rows] == list(Stage)
        assert len(cycle) == 6

    async def test_it_says_with_whom_since_when_and_why(self, billing: Billing, cycle: dict[str, Account]) -> None:
        found = rows(await the_board(billing))
        assert found[Stage.HELD].owners == (Share("", 1), Share("li.na", 1))
        assert found[Stage.HELD].reasons == (Share("jumped_against_last_month", 2),)
        assert found[Stage.READING_DOUBTED].reasons == (Share("reread_pending", 1),)
        assert found[Stage.READING_DOUBTED].since == WAITED
        assert found[Stage.IN_ARREARS].reasons == (Share("disconnection_proposed", 1),)
        assert found[Stage.OVERDUE].since == datetime(2026, 11, 21, 16, tzinfo=UTC)
        assert cycle

    async def test_the_money_of_a_stage_is_what_is_still_owed(
        self, billing: Billing, cycle: dict[str, Account]
    ) -> None:
        found = rows(await the_board(billing))
        assert found[Stage.PART_PAID].amount == 10760 - 1000
        assert found[Stage.OVERDUE].amount == 10760
        assert found[Stage.IN_ARREARS].amount == 10000
        assert found[Stage.HELD].amount == 2 * 10760
        assert cycle

    async def test_a_unit_sees_its_own(self, billing: Billing, cycle: dict[str, Account]) -> None:
        village = await the_board(billing, "grid/village")
        assert village.accounts == 1
        assert {stage: row.count for stage, row in rows(village).items()} == {Stage.NOT_RUN: 1}
        assert rows(await the_board(billing, "grid")) == rows(await the_board(billing))
        assert (await the_board(billing, "gri")).accounts == 0
        both = await the_board(billing, "grid/village", "grid/city")
        assert both.accounts == 15
        assert cycle


async def entries(billing: Billing, stage: Stage, *, limit: int = 1) -> list[Entry]:
    """Every account of a stage, asked for page by page."""
    found: list[Entry] = []
    after: str | None = None
    while True:
        asked = Asked("zhejiang", OCTOBER, ("",), stage, after, limit)
        page = await stage_page(boards=billing.boards, asked=asked, now=NOW)
        assert len(page.entries) <= limit
        found += page.entries
        after = page.place
        if after is None:
            return found


class TestThePages:
    async def test_every_stage_lists_as_many_as_the_board_counts(
        self, billing: Billing, cycle: dict[str, Account]
    ) -> None:
        board = await the_board(billing)
        listed = {stage: await entries(billing, stage) for stage in Stage}
        assert {stage: len(found) for stage, found in listed.items()} == {row.stage: row.count for row in board.rows}
        assert all(len({one.account_id for one in found}) == len(found) for found in listed.values())
        assert [one.account_id for one in listed[Stage.IN_ARREARS]] == [cycle["cut"].id]

    async def test_an_entry_says_what_was_said(self, billing: Billing, cycle: dict[str, Account]) -> None:
        (void,) = await entries(billing, Stage.SENT_BACK)
        assert (void.account_id, void.owner, void.why) == (cycle["void"].id, "han", (("sent_back", "misread"),))
        (back,) = await entries(billing, Stage.RELEASE_SENT_BACK)
        assert back.why == (
            ("jumped_against_last_month", "kwh 900"),
            ("release_prepared", "a sauna"),
            ("sent_back", "ask first"),
        )

    async def test_an_entry_stands_there_since_the_board_says_so(
        self, billing: Billing, cycle: dict[str, Account]
    ) -> None:
        found = rows(await the_board(billing))
        for stage in (Stage.SENT_BACK, Stage.ISSUED, Stage.OVERDUE, Stage.IN_ARREARS, Stage.PAID):
            assert min(one.since for one in await entries(billing, stage) if one.since) == found[stage].since, stage
        assert cycle

    @pytest.mark.parametrize("stage", [Stage.WAITING_READING, Stage.NOT_RUN, Stage.ISSUED])
    @pytest.mark.parametrize("after", ["", "x y", "2026-11-02 z"])
    async def test_a_place_of_nowhere_is_refused(self, billing: Billing, stage: Stage, after: str) -> None:
        asked = Asked("zhejiang", OCTOBER, ("",), stage, after, 5)
        with pytest.raises(BadPlaceError):
            await stage_page(boards=billing.boards, asked=asked, now=NOW)


def stages_of(plan: Any) -> Iterator[str]:  # noqa: ANN401 - what the server explains
    """The names of all stages in an explained plan."""
    if isinstance(plan, dict):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        for below in plan.values():
            yield from stages_of(below)
    elif isinstance(plan, list):
        for below in plan:
            yield from stages_of(below)


@pytest.mark.parametrize("units", [("",), ("grid/city",), ("grid/city", "grid/village")])
async def test_no_group_of_the_board_looks_at_a_whole_collection(
    billing: Billing, cycle: dict[str, Account], mongo: Mongo, units: tuple[str, ...]
) -> None:
    bills, today = BillRepository.collection_name, date(2026, 11, 23)
    pipelines = {
        "issued": (bills, bills_pipeline("zhejiang", OCTOBER, units, today)),
        "held": (bills, held_pipeline("zhejiang", OCTOBER, units)),
        "late": (bills, procedure_pipeline("zhejiang", OCTOBER, units, today)),
        "waits": (WaitRepository.collection_name, waits_pipeline("zhejiang", OCTOBER, units)),
    }
    for name, (collection, pipeline) in pipelines.items():
        command = {"aggregate": collection, "pipeline": pipeline, "cursor": {}}
        found = set(stages_of(await mongo.database.command("explain", command, verbosity="queryPlanner")))
        assert "COLLSCAN" not in found, name
        assert "IXSCAN" in found, name
        if name in {"issued", "late"}:
            assert "FETCH" not in found, name  # all that it counts is in the index
    assert billing.boards
    assert cycle
