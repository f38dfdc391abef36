"""What taking money and giving it back need at hand."""

from dataclasses import dataclass

from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.ledger.repository import LedgerRepository
from gridhall.billing.payments.model import Bounds
from gridhall.billing.payments.repository import IntentRepository, PaymentRepository
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Payments:
    """The till: where money comes in, and goes back from.

    order_ends_penalty: whether penalties run to the day of an order rather than to that on which it was paid.
    """

    mongo: Mongo
    accounts: AccountRepository
    bills: BillRepository
    ledger: LedgerRepository
    intents: IntentRepository
    received: PaymentRepository
    following: Following
    outbox: Outbox
    bounds: Bounds
    order_ends_penalty: bool
