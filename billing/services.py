"""The billing room opened on a database: everything that its operations and queries need at hand."""

from dataclasses import dataclass
from functools import partial

from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.approvals.model import Executor, Kind, limits_of
from gridhall.billing.approvals.operations import Approvals
from gridhall.billing.approvals.repository import ApprovalRepository, TurnRepository
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.operations import Arrears
from gridhall.billing.arrears.outages.repository import OutageRepository
from gridhall.billing.arrears.pursuits.repository import PursuitRepository
from gridhall.billing.arrears.repository import DebtRepository
from gridhall.billing.arrears.services import REPOSITORIES as ARREARS_REPOSITORIES
from gridhall.billing.arrears.services import FollowUp, open_arrears
from gridhall.billing.bank.collecting import Collecting
from gridhall.billing.bank.repository import (
    CollectionRepository,
    ItemRepository,
    MandateRepository,
    TransferRepository,
)
from gridhall.billing.bank.transfers import Transfers
from gridhall.billing.bills import releasing
from gridhall.billing.bills.issuing import Issuing
from gridhall.billing.bills.provisional import Estimating
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.bills.review.gathering import Reviewing
from gridhall.billing.bills.review.model import limits_of as review_limits
from gridhall.billing.bills.sources import SourceReader
from gridhall.billing.board.queries import Boards
from gridhall.billing.board.repository import BoardRepository
from gridhall.billing.cases.operations import Cases
from gridhall.billing.cases.repository import CaseRepository
from gridhall.billing.corrections.operations import Questioning
from gridhall.billing.corrections.repository import CorrectionRepository
from gridhall.billing.counter.operations import Counter
from gridhall.billing.counter.repository import ReceiptRepository, ShiftRepository
from gridhall.billing.counter.reversing import kept_by, reversed_by
from gridhall.billing.credits.operations import Rebilling, carry_out, look_after
from gridhall.billing.credits.repository import CreditNoteRepository
from gridhall.billing.credits.settling import Settling
from gridhall.billing.field.operations import FieldWork
from gridhall.billing.field.repository import FieldClientRepository
from gridhall.billing.forecasts.alerts import BillAlerts
from gridhall.billing.forecasts.queries import Outlooks
from gridhall.billing.forecasts.repository import BillAlertRepository
from gridhall.billing.invoices.operations import Invoicing
from gridhall.billing.invoices.repository import InvoiceRepository
from gridhall.billing.ledger.repository import LedgerRepository
from gridhall.billing.payments.model import Bounds
from gridhall.billing.payments.repository import IntentRepository, PaymentRepository
from gridhall.billing.payments.till import Payments
from gridhall.billing.payments.told.operations import Telling
from gridhall.billing.payments.told.repository import CallbackRepository
from gridhall.billing.payments.watching.operations import Watching
from gridhall.billing.payments.watching.repository import MinuteRepository
from gridhall.billing.prepayment.approved import prepaid_dismissals, prepaid_executors
from gridhall.billing.prepayment.repository import PrepaymentRepository, TopUpConsentRepository
from gridhall.billing.prepayment.room import Prepaying
from gridhall.billing.reconciliation.operations import Reconciling
from gridhall.billing.reconciliation.repository import ReconciliationRepository
from gridhall.billing.refunds.operations import Refunds, approved_by, dismissed_by
from gridhall.billing.refunds.repository import RefundRepository
from gridhall.billing.runs.operations import Running
from gridhall.billing.runs.repository import RangeRepository, RunRepository
from gridhall.billing.shadow.checking import Checking
from gridhall.billing.shadow.comparing import tolerance_of
from gridhall.billing.shadow.deliveries.repository import DeliveryRepository
from gridhall.billing.shadow.operations import Shadow
from gridhall.billing.shadow.refused.repository import RefusedBillRepository
from gridhall.billing.shadow.repository import ShadowRepository
from gridhall.billing.shadow.revising import Revising
from gridhall.billing.supply.repository import SupplyRepository
from gridhall.billing.tariffs.imports.repository import TariffVersionRepository
from gridhall.billing.tips.queries import Tips
from gridhall.billing.waits.repository import WaitRepository
from gridhall.kit.codec import FieldCodec
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Outbox
from gridhall.kit.settings import Settings
from gridhall.metering.closings.repository import ClosingRepository
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.load.similar.operations import Similar
from gridhall.metering.load.similar.repository import SimilarRepository
from gridhall.metering.points.repository import MeterRepository, PointRepository
from gridhall.metering.registers.repository import RegisterRepository
from gridhall.metering.rounds.repository import EntryRepository
from gridhall.metering.vee.exceptions.repository import ExceptionRepository

REPOSITORIES = (
    AccountRepository,
    TariffVersionRepository,
    BillRepository,
    LedgerRepository,
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
    WaitRepository,
    *ARREARS_REPOSITORIES,
    BillAlertRepository,
    CorrectionRepository,
    CreditNoteRepository,
    RunRepository,
    RangeRepository,
    ApprovalRepository,
    TurnRepository,
    CaseRepository,
    ShadowRepository,
    RefusedBillRepository,
    DeliveryRepository,
    PrepaymentRepository,
    TopUpConsentRepository,
    FieldClientRepository,
    InvoiceRepository,
)
"""For creating indexes."""


@dataclass(frozen=True, slots=True)
class Billing:
    """The billing room's services."""

    accounts: AccountRepository
    tariff_versions: TariffVersionRepository
    bills: BillRepository
    ledger: LedgerRepository
    waits: WaitRepository
    histories: HistoryRepository
    issuing: Issuing
    rebilling: Rebilling
    running: Running
    payments: Payments
    refunds: Refunds
    counter: Counter
    collecting: Collecting
    transfers: Transfers
    reconciling: Reconciling
    arrears: Arrears
    follow_up: FollowUp
    tips: Tips
    questioning: Questioning
    similar: Similar
    bill_alerts: BillAlerts
    approvals: Approvals
    boards: Boards
    cases: Cases
    telling: Telling
    watching: Watching
    shadow: Shadow
    prepaying: Prepaying
    field_work: FieldWork
    invoicing: Invoicing

    @classmethod
    def open(cls, *, mongo: Mongo, codec: FieldCodec, settings: Settings) -> "Billing":
        """Open the room on a database."""
        executors: dict[Kind, Executor] = {}
        accounts = AccountRepository(mongo, codec)
        bills = BillRepository(mongo)
        ledger = LedgerRepository(mongo)
        waits = WaitRepository(mongo)
        histories = HistoryRepository(mongo)
        outbox = Outbox(mongo)
        following = Following(
            accounts=accounts,
            bills=bills,
            debts=DebtRepository(mongo),
            pursuits=PursuitRepository(mongo),
            outages=OutageRepository(mongo),
            ledger=ledger,
            supply=SupplyRepository(mongo),
            prepayments=PrepaymentRepository(mongo),
            outbox=outbox,
            zone=settings.time_zone,
        )
        registers = RegisterRepository(mongo)
        corrections = CorrectionRepository(mongo)
        questioning = Questioning(
            accounts=accounts,
            bills=bills,
            corrections=corrections,
            registers=registers,
            outbox=outbox,
        )
        issuing = Issuing(
            mongo=mongo,
            accounts=accounts,
            bills=bills,
            ledger=ledger,
            waits=waits,
            following=following,
            outbox=outbox,
            sources=SourceReader(
                registers=registers,
                histories=histories,
                bills=bills,
                points=PointRepository(mongo),
                meters=MeterRepository(mongo),
                entries=EntryRepository(mongo),
                exceptions=ExceptionRepository(mongo),
                tolerance_days=settings.reading_tolerance_days,
            ),
            closings=ClosingRepository(mongo),
            questioning=questioning,
            reviewing=Reviewing(
                histories=histories,
                limits=review_limits(settings.review_thresholds),
                zone=settings.time_zone,
            ),
            estimating=Estimating(
                histories=histories, after_days=settings.provisional_after_days, zone=settings.time_zone
            ),
            zone=settings.time_zone,
        )
        rebilling = Rebilling(issuing=issuing, notes=CreditNoteRepository(mongo), corrections=corrections)
        executors[Kind.REBILL] = partial(carry_out, rebilling)
        executors[Kind.RELEASE] = partial(releasing.carry_out, issuing)
        payments = Payments(
            mongo=mongo,
            accounts=accounts,
            bills=bills,
            ledger=ledger,
            intents=IntentRepository(mongo),
            received=PaymentRepository(mongo),
            following=following,
            outbox=outbox,
            bounds=Bounds(least=Fen(settings.pay_least_fen), most=Fen(settings.pay_most_fen)),
            order_ends_penalty=settings.pay_order_ends_penalty,
        )
        cases = Cases(mongo=mongo, cases=CaseRepository(mongo))
        records = ShadowRepository(mongo)
        shadow = Shadow(
            issuing=issuing,
            records=records,
            refused=RefusedBillRepository(mongo),
            deliveries=DeliveryRepository(mongo),
            points=PointRepository(mongo),
            checking=Checking(
                issuing=issuing, cases=cases, records=records, tolerance=tolerance_of(settings.shadow_tolerances)
            ),
            revising=Revising(issuing=issuing, notes=rebilling.notes, records=records),
        )
        arrears = open_arrears(mongo=mongo, following=following)
        follow_up = FollowUp.open(arrears=arrears, cases=cases)
        executors |= follow_up.executors()
        prepaying = Prepaying(
            mongo=mongo,
            following=following,
            histories=histories,
            consents=TopUpConsentRepository(mongo),
            intents=IntentRepository(mongo),
            notices=arrears.notices,
        )
        refunds = Refunds(payments=payments, refunds=RefundRepository(mongo))
        counter = Counter(
            payments=payments,
            refunds=refunds,
            cases=cases,
            shifts=ShiftRepository(mongo),
            receipts=ReceiptRepository(mongo),
            zone=settings.time_zone,
        )
        collecting = Collecting(
            payments=payments,
            cases=cases,
            mandates=MandateRepository(mongo, codec),
            files=CollectionRepository(mongo),
            items=ItemRepository(mongo),
            top_ups=TopUpConsentRepository(mongo),
            zone=settings.time_zone,
            books_region=settings.books_region,
        )
        transfers = Transfers(
            payments=payments, cases=cases, transfers=TransferRepository(mongo, codec), zone=settings.time_zone
        )
        reconciling = Reconciling(
            payments=payments,
            refunds=refunds,
            cases=cases,
            reconciliations=ReconciliationRepository(mongo),
            zone=settings.time_zone,
            books_region=settings.books_region,
        )
        executors |= {Kind.REFUND: approved_by(refunds), Kind.CASH_REVERSAL: reversed_by(counter)}
        executors |= prepaid_executors(prepaying)
        dismissals: dict[Kind, Executor] = {
            **follow_up.dismissals(),
            **prepaid_dismissals(prepaying),
            Kind.RELEASE: partial(releasing.send_back, issuing),
            Kind.REFUND: dismissed_by(refunds),
            Kind.CASH_REVERSAL: kept_by(counter),
        }
        approvals = Approvals(
            mongo=mongo,
            requests=ApprovalRepository(mongo),
            turns=TurnRepository(mongo),
            limits=limits_of(settings.approval_limits, settings.approval_day_limits),
            executors=executors,
            dismissals=dismissals,
            afterwards={
                Kind.RELEASE: partial(releasing.look_after, issuing),
                Kind.REBILL: partial(look_after, rebilling),
            },
        )
        return cls(
            accounts=accounts,
            tariff_versions=TariffVersionRepository(mongo),
            bills=bills,
            ledger=ledger,
            waits=waits,
            histories=histories,
            issuing=issuing,
            rebilling=rebilling,
            running=Running(
                issuing=issuing,
                settling=Settling(rebilling=rebilling, approvals=approvals, cases=cases),
                accounts=accounts,
                runs=RunRepository(mongo),
                ranges=RangeRepository(mongo),
            ),
            payments=payments,
            refunds=refunds,
            counter=counter,
            collecting=collecting,
            transfers=transfers,
            reconciling=reconciling,
            arrears=arrears,
            follow_up=follow_up,
            questioning=questioning,
            tips=Tips(points=PointRepository(mongo), histories=histories, bills=bills),
            similar=Similar(points=PointRepository(mongo), histories=histories, groups=SimilarRepository(mongo)),
            bill_alerts=BillAlerts(
                alerts=BillAlertRepository(mongo),
                accounts=accounts,
                outlooks=Outlooks(points=PointRepository(mongo), histories=histories, bills=bills),
                outbox=outbox,
            ),
            approvals=approvals,
            cases=cases,
            prepaying=prepaying,
            invoicing=Invoicing(
                mongo=mongo,
                bills=bills,
                invoices=InvoiceRepository(mongo, codec),
                outbox=outbox,
                zone=settings.time_zone,
            ),
            field_work=FieldWork(
                mongo=mongo,
                supply=following.supply,
                cutting=follow_up.cutting,
                prepaying=prepaying,
                cases=cases,
                clients=FieldClientRepository(mongo),
                zone=settings.time_zone,
            ),
            boards=Boards(
                board=BoardRepository(mongo),
                accounts=accounts,
                waits=waits,
                pursuits=following.pursuits,
                zone=settings.time_zone,
            ),
            shadow=shadow,
            watching=Watching.open(mongo=mongo, outages=following.outages, after=settings.pay_outage_minutes),
            telling=Telling(
                payments=payments,
                refunds=refunds,
                cases=cases,
                callbacks=CallbackRepository(mongo, codec),
                zone=settings.time_zone,
                books_region=settings.books_region,
                asked_at_once=settings.pay_asked_at_once,
            ),
        )
