"""A provider's statement against our books, line by line."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from gridhall.billing.accounts.model import Account, AccountId, Balance
from gridhall.billing.bank.formats.registry import PLAIN
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived, TradeNumber
from gridhall.billing.payments.operations import settle
from gridhall.billing.payments.port import RefundTold, StatementLine, StatementNotReadyError, Trade, TradeState
from gridhall.billing.reconciliation.catching_up import reconcile_due
from gridhall.billing.reconciliation.model import Difference, Found, Reconciliation, reconciliation_id
from gridhall.billing.reconciliation.operations import reconcile
from gridhall.billing.reconciliation.transfers import take_statement
from gridhall.billing.refunds.asking import Asked, ask
from gridhall.billing.refunds.model import Refund, State, Way, Wish
from gridhall.billing.refunds.operations import told
from gridhall.billing.services import Billing
from gridhall.kit.ids import new_id
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo
from tests.factories.accounts import an_account
from tests.factories.payments import an_intent
from tests.factories.rooms import all_documents
from tests.factories.tills import Till

DAY = date(2026, 11, 3)
AT = datetime(2026, 11, 3, 2, tzinfo=UTC)


def line(number: int, fen: int, **changes: object) -> StatementLine:
    fields: dict[str, object] = {
        "trade_number": f"{number:032d}",
        "provider_number": f"W{number}",
        "amount": Fen(fen),
        "at": AT,
    }
    return StatementLine(**fields | changes)  # type: ignore[arg-type]


@pytest.fixture
async def account(billing: Billing) -> Account:
    account = an_account()
    await billing.accounts.add([account])
    return account


async def posted(billing: Billing, account: Account, number: int, fen: int) -> None:
    trade = TradeNumber(f"{number:032d}")
    payment = PaymentReceived.for_account("wechatpay", f"W{number}", account.id, Fen(fen), AT, trade_number=trade)
    await settle(payments=billing.payments, payment=payment, cash=Book.CASH_WECHAT, now=AT)


async def reconciled(billing: Billing, till: Till, now: datetime) -> Reconciliation:
    return await reconcile(reconciling=billing.reconciling, provider=till, day=DAY, now=now)


async def test_a_day_that_agrees_has_no_case(billing: Billing, mongo: Mongo, account: Account, now: datetime) -> None:
    for number in range(3):
        await posted(billing, account, number, 1_000)
    told = await reconciled(billing, Till(lines=[line(number, 1_000) for number in range(3)]), now)
    assert (told.lines, told.matched, told.theirs, told.ours, told.agrees) == (3, 3, 3_000, 3_000, True)
    assert await billing.reconciling.reconciliations.load(reconciliation_id("wechatpay", DAY)) == told
    assert await all_documents(mongo, "billing_cases") == []


async def test_money_of_which_no_callback_came_is_asked_for_and_settled(
    billing: Billing, account: Account, now: datetime
) -> None:
    number = f"{7:032d}"
    intent = an_intent(account.id, 5_000, number=TradeNumber(number), provider="wechatpay")
    await billing.payments.intents.add(intent)
    trade = Trade(number, TradeState.PAID, Fen(5_000), "W7", AT)
    told = await reconciled(billing, Till(lines=[line(7, 5_000)], trades={number: trade}), now)
    assert (told.matched, told.recovered, told.agrees) == (1, 1, True)
    assert (await billing.accounts.load([account.id]))[account.id].balance == Balance(prepaid=Fen(5_000))


async def test_every_difference_is_one_case_however_often_it_is_looked_at(
    billing: Billing, mongo: Mongo, account: Account, now: datetime
) -> None:
    for number, fen in ((1, 1_000), (2, 2_000), (3, 3_000)):
        await posted(billing, account, number, fen)
    till = Till(lines=[line(1, 1_000), line(1, 1_000), line(2, 2_001), line(9, 900)])
    told = await reconciled(billing, till, now)
    assert set(told.differences) == {
        Found(Difference.DUPLICATE, "W1", Fen(1_000), Fen(0)),
        Found(Difference.AMOUNT_DIFFERS, "W2", Fen(2_001), Fen(2_000)),
        Found(Difference.OURS_MISSING, "W9", Fen(900), Fen(0)),
        Found(Difference.THEIRS_MISSING, "W3", Fen(0), Fen(3_000)),
    }
    assert (told.lines, told.matched, told.theirs, told.ours) == (4, 1, 4_901, 6_000)
    assert await reconciled(billing, till, now) == told
    cases = await all_documents(mongo, "billing_cases")
    assert sorted(case["amount"] for case in cases) == [-1_000, -900, -1, 3_000]
    assert {case["kind"] for case in cases} == {"statement_difference"}


async def test_a_refund_that_their_statement_names_is_done(billing: Billing, account: Account, now: datetime) -> None:
    await posted(billing, account, 1, 1_000)
    wish = Wish(account.id, Fen(400), Way.ONLINE, "paid twice", ("wechatpay", "W1"))
    await ask(refunds=billing.refunds, approvals=billing.approvals, wish=wish, by="zhou", key="k", now=now)
    (refund,) = await billing.refunds.refunds.page(account.id, before=None, limit=1)
    back = line(1, -400, provider_number="R1", refund_number=refund.number)
    told = await reconciled(billing, Till(lines=[line(1, 1_000), back]), now)
    assert (told.matched, told.recovered, told.ours, told.theirs, told.agrees) == (2, 1, 600, 600, True)
    (done,) = await billing.refunds.refunds.page(account.id, before=None, limit=1)
    assert (done.state, done.reference) == (State.DONE, "R1")


@pytest.mark.parametrize("order", [(-1, 0, 1), (-1, 1, 0), (1, 0, -1)])
async def test_a_refund_of_which_no_statement_tells_is_one_case_once_the_days_beside_it_are_reconciled(
    billing: Billing, mongo: Mongo, account: Account, now: datetime, order: tuple[int, ...]
) -> None:
    await posted(billing, account, 1, 1_000)
    stated, missing = [await given_back(billing, account, fen, now) for fen in (300, 400)]
    days = {
        -1: [],
        0: [line(1, 1_000), line(1, -300, provider_number="R1", refund_number=stated.number)],
        1: [],
    }

    async def found() -> list[Found]:
        done = [
            await reconcile(
                reconciling=billing.reconciling,
                provider=Till(lines=days[at]),
                day=DAY + timedelta(days=at),
                now=now,
            )
            for at in order
        ]
        return [one for told in done for one in told.differences]

    difference = Found(Difference.THEIRS_MISSING, missing.number, Fen(0), Fen(-400), missing.region)
    assert await found() == [difference]
    assert set(await found()) == {difference}
    (case,) = await all_documents(mongo, "billing_cases")
    assert (case["kind"], case["amount"]) == ("statement_difference", -400)


async def given_back(billing: Billing, account: Account, fen: int, now: datetime) -> Refund:
    """A refund of the first payment that its provider told was done."""
    wish = Wish(account.id, Fen(fen), Way.ONLINE, "paid twice", ("wechatpay", "W1"))
    key = str(fen)
    asked = await ask(refunds=billing.refunds, approvals=billing.approvals, wish=wish, by="zhou", key=key, now=now)
    assert isinstance(asked, Asked)
    news = RefundTold(asked.refund.number, TradeState.REFUNDED, Fen(fen), f"R{fen}", AT)
    await told(refunds=billing.refunds, told=news, now=now)
    return asked.refund


async def test_money_for_an_account_that_is_not_there_differs_and_stops_nothing(
    billing: Billing, account: Account, now: datetime
) -> None:
    number = f"{7:032d}"
    intent = an_intent(AccountId(new_id()), 5_000, number=TradeNumber(number), provider="wechatpay")
    await billing.payments.intents.add(intent)
    await posted(billing, account, 1, 1_000)
    trade = Trade(number, TradeState.PAID, Fen(5_000), "W7", AT)
    done = await reconciled(billing, Till(lines=[line(7, 5_000), line(1, 1_000)], trades={number: trade}), now)
    assert done.differences == (Found(Difference.OURS_MISSING, "W7", Fen(5_000), Fen(0), intent.region),)
    assert done.matched == 1


class LateTill(Till):
    """Has no statement of some days yet."""

    late: tuple[date, ...] = ()

    async def statement(self, day: date) -> Sequence[StatementLine]:
        if day in self.late:
            raise StatementNotReadyError
        return self.lines


async def test_a_day_that_was_left_out_is_reconciled_on_one_of_the_next(billing: Billing) -> None:
    till = LateTill()
    noon = datetime(2026, 11, 4, 4, tzinfo=UTC)

    async def days(now: datetime, *late: date) -> list[date]:
        till.late = late
        return [one.day for one in await reconcile_due(reconciling=billing.reconciling, providers=[till], now=now)]

    assert await days(noon) == [DAY]  # those before it were another system's
    assert await days(noon) == []
    one_day = timedelta(days=1)
    assert await days(noon + 3 * one_day, DAY + 2 * one_day) == [DAY + one_day, DAY + 3 * one_day]
    assert await days(noon + 4 * one_day) == [DAY + 2 * one_day, DAY + 4 * one_day]


async def test_a_banks_statement_is_reconciled_day_by_day(
    billing: Billing, mongo: Mongo, account: Account, now: datetime
) -> None:
    rows = [
        f"B1,2026-11-03 10:15:00,10.00,王小明,6222001,{account.number}",
        "B2,2026-11-03 10:16:00,50.00,李四,6222002,electricity",
        f"B3,2026-11-04 10:16:00,7.00,王小明,6222001,{account.number}",
    ]

    async def taken(*lines: str, total: str) -> list[Reconciliation]:
        raw = "\n".join(["serial,at,amount,holder,card,text", *lines, f"COUNT,{len(lines)},TOTAL,{total}"]).encode()
        await take_statement(
            reconciling=billing.reconciling,
            transfers=billing.transfers,
            form=PLAIN,
            raw=raw,
            region="zhejiang",
            now=now,
        )
        return await billing.reconciling.reconciliations.page(before=None, limit=5)

    told = await taken(*rows, total="67.00")
    assert [(one.day.day, one.lines, one.matched, one.theirs, one.ours) for one in told] == [
        (4, 1, 1, 700, 700),
        (3, 2, 1, 6_000, 1_000),
    ]
    assert told[1].differences == (Found(Difference.OURS_MISSING, "B2", Fen(5_000), Fen(0), "zhejiang"),)
    assert await taken(*rows, total="67.00") == told

    wrong = rows[2].replace("7.00", "8.00")
    assert (await taken(wrong, total="8.00"))[0].differences == (
        Found(Difference.AMOUNT_DIFFERS, "B3", Fen(800), Fen(700), "zhejiang"),
    )
    kinds = sorted(case["kind"] for case in await all_documents(mongo, "billing_cases"))
    assert kinds == ["statement_difference", "unmatched_money"]
