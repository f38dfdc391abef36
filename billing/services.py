"""The billing room opened on a database: everything that its operations and queries need at hand."""

from dataclasses import dataclass
from functools import partial

from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.approvals.model import Executor, Kind, limits_of
from gridhall.billing.approvals.operations import Approvals
from gridhall.billing.approvals.repository import ApprovalRepository, TurnRepository
from gridhall.billing.arrears.operations import Arrears
from gridhall.billing.arrears.services import REPOSITORIES as ARREARS_REPOSITORIES
from gridhall.billing.arrears.services import FollowUp, open_arrears, open_following
from gridhall.billing.bank.collecting import Collecting
from gridhall.billing.bank.transfers import Transfers
from gridhall.billing.bills import releasing
from gridhall.billing.bills.issuing import Issuing
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.bills.services import open_issuing
from gridhall.billing.board.queries import Boards
from gridhall.billing.board.repository import BoardRepository
from gridhall.billing.cases.operations import Cases
from gridhall.billing.cases.repository import CaseRepository
from gridhall.billing.corrections.operations import Questioning
from gridhall.billing.corrections.repository import CorrectionRepository
from gridhall.billing.counter.operations import Counter
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
from gridhall.billing.payments.repository import IntentRepository
from gridhall.billing.payments.services import REPOSITORIES as MONEY_REPOSITORIES
from gridhall.billing.payments.services import MoneyWays
from gridhall.billing.payments.till import Payments
from gridhall.billing.payments.told.operations import Telling
from gridhall.billing.payments.watching.operations import Watching
from gridhall.billing.prepayment.approved import prepaid_dismissals, prepaid_executors
from gridhall.billing.prepayment.repository import PrepaymentRepository, TopUpConsentRepository
from gridhall.billing.prepayment.room import Prepaying
from gridhall.billing.reconciliation.operations import Reconciling
from gridhall.billing.refunds.operations import Refunds
from gridhall.billing.runs.operations import Running
from gridhall.billing.runs.repository import RangeRepository, RunRepository
from gridhall.billing.shadow.operations import Shadow
from gridhall.billing.shadow.services import REPOSITORIES as SHADOW_REPOSITORIES
from gridhall.billing.shadow.services import open_shadow
from gridhall.billing.tariffs.imports.repository import TariffVersionRepository
from gridhall.billing.tips.queries import Tips
from gridhall.billing.waits.repository import WaitRepository
from gridhall.kit.codec import FieldCodec
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.load.similar.operations import Similar
from gridhall.metering.load.similar.repository import SimilarRepository
from gridhall.metering.points.repository import PointRepository

REPOSITORIES = (
    AccountRepository,
    TariffVersionRepository,
    BillRepository,
    LedgerRepository,
    *MONEY_REPOSITORIES,
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
    *SHADOW_REPOSITORIES,
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
        following = open_following(mongo=mongo, codec=codec, zone=settings.time_zone)
        histories = HistoryRepository(mongo)
        issuing = open_issuing(mongo=mongo, following=following, histories=histories, settings=settings)
        rebilling = Rebilling(
            issuing=issuing, notes=CreditNoteRepository(mongo), corrections=issuing.questioning.corrections
        )
        cases = Cases(mongo=mongo, cases=CaseRepository(mongo))
        arrears = open_arrears(mongo=mongo, following=following)
        follow_up = FollowUp.open(arrears=arrears, cases=cases)
        prepaying = Prepaying(
            mongo=mongo,
            following=following,
            histories=histories,
            consents=TopUpConsentRepository(mongo),
            intents=IntentRepository(mongo),
            notices=arrears.notices,
        )
        money = MoneyWays.open(mongo=mongo, codec=codec, following=following, cases=cases, settings=settings)
        executors: dict[Kind, Executor] = {
            **follow_up.executors(),
            **money.executors(),
            **prepaid_executors(prepaying),
            Kind.REBILL: partial(carry_out, rebilling),
            Kind.RELEASE: partial(releasing.carry_out, issuing),
        }
        dismissals: dict[Kind, Executor] = {
            **follow_up.dismissals(),
            **money.dismissals(),
            **prepaid_dismissals(prepaying),
            Kind.RELEASE: partial(releasing.send_back, issuing),
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
        points = PointRepository(mongo)
        return cls(
            accounts=following.accounts,
            tariff_versions=TariffVersionRepository(mongo),
            bills=following.bills,
            ledger=following.ledger,
            waits=issuing.waits,
            histories=histories,
            issuing=issuing,
            rebilling=rebilling,
            running=Running(
                issuing=issuing,
                settling=Settling(rebilling=rebilling, approvals=approvals, cases=cases),
                accounts=following.accounts,
                runs=RunRepository(mongo),
                ranges=RangeRepository(mongo),
            ),
            payments=money.payments,
            refunds=money.refunds,
            counter=money.counter,
            collecting=money.collecting,
            transfers=money.transfers,
            reconciling=money.reconciling,
            telling=money.telling,
            watching=money.watching,
            arrears=arrears,
            follow_up=follow_up,
            questioning=issuing.questioning,
            tips=Tips(points=points, histories=histories, bills=following.bills),
            similar=Similar(points=points, histories=histories, groups=SimilarRepository(mongo)),
            bill_alerts=BillAlerts(
                alerts=BillAlertRepository(mongo),
                accounts=following.accounts,
                outlooks=Outlooks(points=points, histories=histories, bills=following.bills),
                outbox=following.outbox,
            ),
            approvals=approvals,
            cases=cases,
            prepaying=prepaying,
            invoicing=Invoicing(
                mongo=mongo,
                bills=following.bills,
                invoices=InvoiceRepository(mongo, codec),
                outbox=following.outbox,
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
                accounts=following.accounts,
                waits=issuing.waits,
                pursuits=following.pursuits,
                zone=settings.time_zone,
            ),
            shadow=open_shadow(issuing=issuing, notes=rebilling.notes, cases=cases, settings=settings),
        )
