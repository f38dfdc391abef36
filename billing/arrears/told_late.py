"""Money that is told of late: what it paid cost no penalty on the days after it came, reckoned though they were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gridhall.billing.arrears.model import Debt
from gridhall.billing.arrears.penalty import through
from gridhall.billing.arrears.taking_back import Lowered, lowered
from gridhall.billing.bills.model import BillId
from gridhall.kit.money import Fen


@dataclass(frozen=True, slots=True)
class Came:
    """When money came, as far as penalties go, and the key under which the ledger knows it."""

    on: date
    key: str


def outstanding_on(debt: Debt, day: date) -> Fen:
    """Return what was owed of a penalty by the end of a day, whatever later days cost."""
    return debt.penalty.less(debt.penalty.since(through(day))).outstanding


def lowered_since(before: Sequence[Debt], after: Sequence[Debt], came: Came) -> dict[BillId, Lowered]:
    """Return the debts whose days after money came cost less, for what it paid was not owed on them any more.

    before, after: the debts of an account as they stood before and after the payment, in the same order. Days on which
    a bill stood as paid, before it was owed again, cost nothing and give nothing back.
    """
    found = {}
    for old, new in zip(before, after, strict=True):
        paid = Fen(old.owed - new.owed)
        if paid and (less := lowered(new, new.penalty.less(new.penalty.since(through(came.on)), paid))):
            found[new.bill_id] = less
    return found
