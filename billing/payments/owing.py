"""What there is to pay of accounts today: their bills, and the late-payment penalties beside them.

Nothing is written; the payment itself fixes the penalties in its transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.following import reckon
from gridhall.billing.arrears.model import Debt
from gridhall.billing.bills.model import BillId
from gridhall.kit.money import Fen


@dataclass(frozen=True, slots=True)
class Owing:
    """What an account owes. bills: of bills, without penalties. by_bill: the penalty of each bill that has one."""

    bills: Fen
    by_bill: Mapping[BillId, Fen] = field(default_factory=dict)

    @property
    def penalty(self) -> Fen:
        """All penalties."""
        return Fen(sum(self.by_bill.values()))

    @property
    def total(self) -> Fen:
        """What to pay so that nothing is owed."""
        return Fen(self.bills + self.penalty)


async def owing(*, following: Following, accounts: Sequence[Account], today: date) -> Mapping[AccountId, Owing]:
    """Return what each account owes if it is paid today."""
    ids = [account.id for account in accounts]
    debts = await following.debts.of_accounts(ids)
    pursuits = await following.pursuits.load(ids) if debts else {}
    today_owed = await reckon(following=following, debts=debts, pursuits=pursuits, today=today)
    of: dict[AccountId, list[Debt]] = {account_id: [] for account_id in ids}
    for debt in today_owed:
        of[debt.account_id].append(debt)
    return {account.id: _owing(account, of[account.id]) for account in accounts}


def _owing(account: Account, debts: Sequence[Debt]) -> Owing:
    posted = sum(debt.penalty.outstanding - debt.penalty.unposted for debt in debts)
    by_bill = {debt.bill_id: debt.penalty.outstanding for debt in debts if debt.penalty.outstanding}
    return Owing(bills=Fen(account.balance.owed - posted), by_bill=by_bill)
