"""What following arrears needs at hand."""

from dataclasses import dataclass
from datetime import date, datetime

from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.arrears.outages.repository import OutageRepository
from gridhall.billing.arrears.pursuits.repository import PursuitRepository
from gridhall.billing.arrears.repository import DebtRepository
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.ledger.repository import LedgerRepository
from gridhall.billing.prepayment.repository import PrepaymentRepository
from gridhall.billing.supply.repository import SupplyRepository
from gridhall.kit.localdays import local_day
from gridhall.kit.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Following:
    """The repositories that a change of what is owed touches, and the zone of its local days."""

    accounts: AccountRepository
    bills: BillRepository
    debts: DebtRepository
    pursuits: PursuitRepository
    outages: OutageRepository
    ledger: LedgerRepository
    supply: SupplyRepository
    prepayments: PrepaymentRepository
    outbox: Outbox
    zone: str

    def today(self, now: datetime) -> date:
        """Return the local day of an instant."""
        return local_day(now, self.zone)
