"""Commands of payments: cash at the counter, a provider's day, and the files of banks."""

import asyncio
import re
from typing import Annotated, Final

import typer

from gridhall.billing.bank import cli as bank
from gridhall.billing.counter.model import MOST_CASH
from gridhall.billing.ledger.model import Book
from gridhall.billing.opening import open_billing
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import AlreadySettled, NumberTakenError, Settled, settle
from gridhall.billing.reconciliation import cli as reconciliation
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, refuse, report
from gridhall.kit.money import Fen

_RECEIPT: Final = re.compile(r"[A-Za-z0-9-]{1,64}")

app = typer.Typer(no_args_is_help=True, help="Payments (收费).")
app.add_typer(bank.app, name="bank")
app.command("reconcile")(reconciliation.reconcile_day)
bank.app.command("statement")(reconciliation.take_bank_statement)


@app.command()
def counter(
    *,
    account: Annotated[str, typer.Argument(help="The account number (户号).")],
    fen: Annotated[int, typer.Option(min=1, max=MOST_CASH, help="How much was paid, in fen.")],
    receipt: Annotated[str, typer.Option(help="Number of the paper receipt; taking it again changes nothing.")],
    json: AsJson = False,
) -> None:
    """Take cash that was taken outside of a shift: the oldest bills are paid first, the rest is put by."""
    if not _RECEIPT.fullmatch(receipt):
        raise refuse("--receipt: must be 1 to 64 of A-Z, a-z, 0-9 and -")
    try:
        outcome = asyncio.run(_take(account, Fen(fen), receipt))
    except NumberTakenError:
        raise refuse(f"receipt: {receipt} was taken before, for another account or amount") from None
    if outcome is None:
        raise refuse(f"account: there is no account {account}")
    match outcome:
        case Settled(to_bills, to_prepaid, to_penalties):
            told = {"settled": True, "to_bills": to_bills, "to_penalties": to_penalties, "to_prepaid": to_prepaid}
            report(told, json=json, title="Payment")
        case AlreadySettled():
            report({"settled": False, "reason": "this receipt was taken before"}, json=json, title="Payment")


async def _take(number: str, amount: Fen, receipt: str) -> Settled | AlreadySettled | None:
    now = SystemClock().now()
    async with open_billing() as billing:
        account_id = await billing.accounts.by_number(number)
        if account_id is None:
            return None
        payment = PaymentReceived.for_account("counter", receipt, account_id, amount, now)
        return await settle(payments=billing.payments, payment=payment, cash=Book.CASH_COUNTER, now=now)
