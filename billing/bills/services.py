"""The making of bills opened on a database."""

from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.bills.issuing import Issuing
from gridhall.billing.bills.provisional import Estimating
from gridhall.billing.bills.review.gathering import Reviewing
from gridhall.billing.bills.review.model import limits_of
from gridhall.billing.bills.sources import SourceReader
from gridhall.billing.corrections.operations import Questioning
from gridhall.billing.corrections.repository import CorrectionRepository
from gridhall.billing.waits.repository import WaitRepository
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings
from gridhall.metering.closings.repository import ClosingRepository
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.points.repository import MeterRepository, PointRepository
from gridhall.metering.registers.repository import RegisterRepository
from gridhall.metering.rounds.repository import EntryRepository
from gridhall.metering.vee.exceptions.repository import ExceptionRepository


def open_issuing(*, mongo: Mongo, following: Following, histories: HistoryRepository, settings: Settings) -> Issuing:
    """Open what issues bills. following: what an issued bill changes of what is owed."""
    registers = RegisterRepository(mongo)
    return Issuing(
        mongo=mongo,
        accounts=following.accounts,
        bills=following.bills,
        ledger=following.ledger,
        waits=WaitRepository(mongo),
        following=following,
        outbox=following.outbox,
        sources=SourceReader(
            registers=registers,
            histories=histories,
            bills=following.bills,
            points=PointRepository(mongo),
            meters=MeterRepository(mongo),
            entries=EntryRepository(mongo),
            exceptions=ExceptionRepository(mongo),
            tolerance_days=settings.reading_tolerance_days,
        ),
        closings=ClosingRepository(mongo),
        questioning=Questioning(
            accounts=following.accounts,
            bills=following.bills,
            corrections=CorrectionRepository(mongo),
            registers=registers,
            outbox=following.outbox,
        ),
        reviewing=Reviewing(histories=histories, limits=limits_of(settings.review_thresholds), zone=settings.time_zone),
        estimating=Estimating(histories=histories, after_days=settings.provisional_after_days, zone=settings.time_zone),
        zone=settings.time_zone,
    )
