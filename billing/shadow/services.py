"""The bills of suppliers opened on a database."""

from gridhall.billing.bills.issuing import Issuing
from gridhall.billing.cases.operations import Cases
from gridhall.billing.credits.repository import CreditNoteRepository
from gridhall.billing.shadow.checking import Checking
from gridhall.billing.shadow.comparing import tolerance_of
from gridhall.billing.shadow.deliveries.repository import DeliveryRepository
from gridhall.billing.shadow.operations import Shadow
from gridhall.billing.shadow.refused.repository import RefusedBillRepository
from gridhall.billing.shadow.repository import ShadowRepository
from gridhall.billing.shadow.revising import Revising
from gridhall.kit.settings import Settings
from gridhall.metering.points.repository import PointRepository

REPOSITORIES = (ShadowRepository, RefusedBillRepository, DeliveryRepository)
"""For creating indexes."""


def open_shadow(*, issuing: Issuing, notes: CreditNoteRepository, cases: Cases, settings: Settings) -> Shadow:
    """Open what takes bills in and recomputes them, on the database of issuing."""
    mongo = issuing.mongo
    records = ShadowRepository(mongo)
    return Shadow(
        issuing=issuing,
        records=records,
        refused=RefusedBillRepository(mongo),
        deliveries=DeliveryRepository(mongo),
        points=PointRepository(mongo),
        checking=Checking(
            issuing=issuing, cases=cases, records=records, tolerance=tolerance_of(settings.shadow_tolerances)
        ),
        revising=Revising(issuing=issuing, notes=notes, records=records),
    )
