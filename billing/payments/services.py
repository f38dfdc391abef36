"""Everything through which money comes in and goes back, opened on a database."""

from dataclasses import dataclass

from gridhall.billing.approvals.model import Executor, Kind
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.bank.collecting import Collecting
from gridhall.billing.bank.repository import (
    CollectionRepository,
    ItemRepository,
    MandateRepository,
    TransferRepository,
)
from gridhall.billing.bank.transfers import Transfers
from gridhall.billing.cases.operations import Cases
from gridhall.billing.counter.operations import Counter
from gridhall.billing.counter.repository import ReceiptRepository, ShiftRepository
from gridhall.billing.counter.reversing import kept_by, reversed_by
from gridhall.billing.payments.model import Bounds
from gridhall.billing.payments.repository import IntentRepository, PaymentRepository
from gridhall.billing.payments.till import Payments
from gridhall.billing.payments.told.operations import Telling
from gridhall.billing.payments.told.repository import CallbackRepository
from gridhall.billing.payments.watching.operations import Watching
from gridhall.billing.payments.watching.repository import MinuteRepository
from gridhall.billing.prepayment.repository import TopUpConsentRepository
from gridhall.billing.reconciliation.operations import Reconciling
from gridhall.billing.reconciliation.repository import ReconciliationRepository
from gridhall.billing.refunds.operations import Refunds, approved_by, dismissed_by
from gridhall.billing.refunds.repository import RefundRepository
from gridhall.kit.codec import FieldCodec
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings

REPOSITORIES = (
    IntentRepository,
    PaymentRepository,
    RefundRepository,
    ShiftRepository,
    ReceiptRepository,
    MandateRepository,
    CollectionRepository,
    ItemRepository,
    TransferRepository,
    ReconciliationRepository,
    CallbackRepository,
    MinuteRepository,
)
"""For creating indexes."""


@dataclass(frozen=True, slots=True)
class MoneyWays:
    """The ways of money: online, at the counter and through banks, and back."""

    payments: Payments
    refunds: Refunds
    counter: Counter
    collecting: Collecting
    transfers: Transfers
    reconciling: Reconciling
    telling: Telling
    watching: Watching

    @classmethod
    def open(
        cls, *, mongo: Mongo, codec: FieldCodec, following: Following, cases: Cases, settings: Settings
    ) -> "MoneyWays":
        """Open them on a database. following: what money changes of what is owed."""
        zone, books_region = settings.time_zone, settings.books_region
        payments = _payments(mongo, following, settings)
        refunds = Refunds(payments=payments, refunds=RefundRepository(mongo))
        return cls(
            payments=payments,
            refunds=refunds,
            counter=Counter(
                payments=payments,
                refunds=refunds,
                cases=cases,
                shifts=ShiftRepository(mongo),
                receipts=ReceiptRepository(mongo),
                zone=zone,
            ),
            collecting=Collecting(
                payments=payments,
                cases=cases,
                mandates=MandateRepository(mongo, codec),
                files=CollectionRepository(mongo),
                items=ItemRepository(mongo),
                top_ups=TopUpConsentRepository(mongo),
                zone=zone,
                books_region=books_region,
            ),
            transfers=Transfers(payments=payments, cases=cases, transfers=TransferRepository(mongo, codec), zone=zone),
            reconciling=Reconciling(
                payments=payments,
                refunds=refunds,
                cases=cases,
                reconciliations=ReconciliationRepository(mongo),
                zone=zone,
                books_region=books_region,
            ),
            telling=Telling(
                payments=payments,
                refunds=refunds,
                cases=cases,
                callbacks=CallbackRepository(mongo, codec),
                zone=zone,
                books_region=books_region,
                asked_at_once=settings.pay_asked_at_once,
            ),
            watching=Watching.open(mongo=mongo, outages=following.outages, after=settings.pay_outage_minutes),
        )

    def executors(self) -> dict[Kind, Executor]:
        """Return what carries out requests for money back once they are approved."""
        return {Kind.REFUND: approved_by(self.refunds), Kind.CASH_REVERSAL: reversed_by(self.counter)}

    def dismissals(self) -> dict[Kind, Executor]:
        """Return what becomes of requests that are refused."""
        return {Kind.REFUND: dismissed_by(self.refunds), Kind.CASH_REVERSAL: kept_by(self.counter)}


def _payments(mongo: Mongo, following: Following, settings: Settings) -> Payments:
    return Payments(
        mongo=mongo,
        accounts=following.accounts,
        bills=following.bills,
        ledger=following.ledger,
        intents=IntentRepository(mongo),
        received=PaymentRepository(mongo),
        following=following,
        outbox=following.outbox,
        bounds=Bounds(least=Fen(settings.pay_least_fen), most=Fen(settings.pay_most_fen)),
        order_ends_penalty=settings.pay_order_ends_penalty,
    )
