"""What people at the demo's desk have done: cash over the counter, an objection, a promise, a refund to approve."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from gridhall.api.demo.agents import CASHIER
from gridhall.api.demo.people import Resident
from gridhall.api.state import State
from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.agreements.operations import promise
from gridhall.billing.arrears.disputes.operations import dispute
from gridhall.billing.counter.operations import open_shift, take_cash
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.refunds.asking import ask
from gridhall.billing.refunds.model import Way, Wish
from gridhall.kit.localdays import local_day
from gridhall.kit.money import Fen

PAYS_CASH: Final = 16
"""Index of the resident whose account is prepaid, who pays at the counter, and wants some of it back."""
OBJECTS: Final = 12
"""Index of the resident who objects to a bill."""
PROMISES: Final = 4
"""Index of the resident who has promised to pay."""
SAVES: Final = 1
"""Index of the resident who pays ahead though nothing asks for it."""

_FLOAT: Final = Fen(50_000)
_CASH: Final = Fen(80_000)
_BACK: Final = Fen(60_000)
"""Above the limit of refunds, so that another person approves it."""

_AHEAD: Final = Fen(10_000)
_PROMISED_WITHIN: Final = timedelta(days=3)


async def work_at_the_desk(state: State, people: Sequence[Resident], *, now: datetime) -> None:
    """Do it. Idempotent: what was done at an earlier start is not done again."""
    billing = state.hall.billing
    region = people[PAYS_CASH].household.region
    await open_shift(
        counter=billing.counter,
        cashier=CASHIER,
        region=region,
        org_path=f"gridhall/{region}",
        float_fen=_FLOAT,
        key="demo",
        now=now,
    )
    payer = AccountId(people[PAYS_CASH].account_id)
    account = (await billing.accounts.load([payer]))[payer]
    await take_cash(counter=billing.counter, cashier=CASHIER, account=account, amount=_CASH, key="demo", now=now)
    ahead = PaymentReceived.for_account("counter", "demo-ahead", AccountId(people[SAVES].account_id), _AHEAD, now)
    await settle(payments=billing.payments, payment=ahead, cash=Book.CASH_COUNTER, now=now)
    wish = Wish(payer, _BACK, Way.BANK, "客户来电申请退还部分预存电费")
    await ask(
        refunds=billing.refunds, approvals=billing.approvals, wish=wish, by="zhou.min", key="demo-refund", now=now
    )
    objecting = AccountId(people[OBJECTS].account_id)
    owed = await billing.bills.payable(objecting)
    if owed:
        await dispute(
            disputing=billing.follow_up.disputing,
            account_id=objecting,
            bill_id=owed[0].id,
            reason="当月不在家，电量偏高，请核实",
            by="zhou.min",
            now=now,
        )
    await promise(
        agreeing=billing.follow_up.agreeing,
        account_id=AccountId(people[PROMISES].account_id),
        by_day=local_day(now, state.settings.time_zone) + _PROMISED_WITHIN,
        by="zhou.min",
        now=now,
    )
