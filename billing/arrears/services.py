"""Everything of arrears opened on a database, and what carries its approved requests out."""

from dataclasses import dataclass
from functools import partial

from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.approvals.model import Executor, Kind
from gridhall.billing.arrears.agreements.operations import Agreeing, agree_to_plan
from gridhall.billing.arrears.agreements.repository import AgreementRepository
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.collecting.operations import Collecting
from gridhall.billing.arrears.collecting.repository import ContactRepository
from gridhall.billing.arrears.cutting.notices import Serving
from gridhall.billing.arrears.cutting.operations import Cutting, carry_out, decline
from gridhall.billing.arrears.cutting.repository import NoticeRepository
from gridhall.billing.arrears.days import ArrearsDay
from gridhall.billing.arrears.disputes.operations import Disputing
from gridhall.billing.arrears.disputes.repository import DisputeRepository
from gridhall.billing.arrears.giving_up import GivingUp, give_up, let_off
from gridhall.billing.arrears.operations import Arrears
from gridhall.billing.arrears.outages.repository import OutageRepository
from gridhall.billing.arrears.pursuits.repository import PursuitRepository
from gridhall.billing.arrears.repository import DebtRepository
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.cases.operations import Cases
from gridhall.billing.ledger.repository import LedgerRepository
from gridhall.billing.payments.repository import IntentRepository
from gridhall.billing.prepayment.repository import PrepaymentRepository
from gridhall.billing.supply.repository import SupplyRepository
from gridhall.kit.blobs import BlobRepository
from gridhall.kit.codec import FieldCodec
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Outbox

REPOSITORIES = (
    DebtRepository,
    PursuitRepository,
    OutageRepository,
    SupplyRepository,
    NoticeRepository,
    AgreementRepository,
    DisputeRepository,
    ContactRepository,
)
"""For creating indexes."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What people and clocks do about arrears."""

    day: ArrearsDay
    agreeing: Agreeing
    disputing: Disputing
    cutting: Cutting
    serving: Serving
    giving_up: GivingUp
    contacts: Collecting

    @classmethod
    def open(cls, *, arrears: Arrears, cases: Cases) -> "FollowUp":
        """Open the topic on the database of the scan."""
        mongo, following, notices = arrears.mongo, arrears.following, arrears.notices
        blobs = BlobRepository(mongo)
        agreeing = Agreeing(mongo=mongo, following=following, agreements=AgreementRepository(mongo))
        cutting = Cutting(mongo=mongo, following=following, notices=notices, intents=IntentRepository(mongo))
        return cls(
            day=ArrearsDay(arrears=arrears, agreeing=agreeing, cutting=cutting),
            agreeing=agreeing,
            disputing=Disputing(mongo=mongo, following=following, disputes=DisputeRepository(mongo), cases=cases),
            cutting=cutting,
            serving=Serving(mongo=mongo, following=following, notices=notices, blobs=blobs),
            giving_up=GivingUp(mongo=mongo, following=following),
            contacts=Collecting(mongo=mongo, following=following, contacts=ContactRepository(mongo), blobs=blobs),
        )

    def executors(self) -> dict[Kind, Executor]:
        """Return what carries out the requests of arrears once they are approved."""
        return {
            Kind.DISCONNECT: partial(carry_out, self.cutting),
            Kind.PLAN: partial(agree_to_plan, self.agreeing),
            Kind.WAIVER: partial(let_off, self.giving_up),
            Kind.WRITE_OFF: partial(give_up, self.giving_up),
        }

    def dismissals(self) -> dict[Kind, Executor]:
        """Return what becomes of requests that are refused: a cut that is not made is proposed no more today."""
        return {Kind.DISCONNECT: partial(decline, self.cutting)}


def open_following(*, mongo: Mongo, codec: FieldCodec, zone: str) -> Following:
    """Open what a change of what is owed touches. zone: of local days."""
    return Following(
        accounts=AccountRepository(mongo, codec),
        bills=BillRepository(mongo),
        debts=DebtRepository(mongo),
        pursuits=PursuitRepository(mongo),
        outages=OutageRepository(mongo),
        ledger=LedgerRepository(mongo),
        supply=SupplyRepository(mongo),
        prepayments=PrepaymentRepository(mongo),
        outbox=Outbox(mongo),
        zone=zone,
    )


def open_arrears(*, mongo: Mongo, following: Following) -> Arrears:
    """Open the scan on a database."""
    return Arrears(mongo=mongo, following=following, notices=NoticeRepository(mongo))
