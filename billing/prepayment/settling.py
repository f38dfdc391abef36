"""An issued bill settles the provisional days that it covers, in the transaction that issues it."""

from collections.abc import Sequence

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import Bill
from gridhall.billing.prepayment.model import Prepayment
from gridhall.billing.prepayment.repository import PrepaymentRepository
from gridhall.kit.mongo import Transaction


async def days_billed(*, prepayments: PrepaymentRepository, bills: Sequence[Bill], transaction: Transaction) -> None:
    """Let go of the provisional days of issued bills. What the customer was told of the balance stays as it was."""
    known = await prepayments.load({bill.account_id for bill in bills}, transaction=transaction)
    changed: dict[AccountId, Prepayment] = {}
    for bill in bills:
        found = changed.get(bill.account_id) or known.get(bill.account_id)
        if found is not None and (settled := found.billed_until(bill.days.end)) is not found:
            changed[bill.account_id] = settled
    await prepayments.put(list(changed.values()), transaction=transaction)
