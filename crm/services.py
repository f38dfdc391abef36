"""The people room opened on a database."""

from dataclasses import dataclass
from datetime import timedelta

from gridhall.billing.services import Billing
from gridhall.crm.access.operations import Access
from gridhall.crm.access.repository import HolderRepository
from gridhall.crm.codes.model import Limits
from gridhall.crm.codes.operations import Codes
from gridhall.crm.codes.repository import CodeRepository, QuotaRepository
from gridhall.crm.customers.repository import CustomerRepository
from gridhall.kit.codec import FieldCodec
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Outbox
from gridhall.kit.settings import Settings

REPOSITORIES = (CustomerRepository, HolderRepository, CodeRepository, QuotaRepository)
"""For creating indexes."""


@dataclass(frozen=True, slots=True)
class People:
    """The people room's services."""

    customers: CustomerRepository
    holders: HolderRepository
    codes: Codes
    access: Access

    @classmethod
    def open(cls, *, mongo: Mongo, codec: FieldCodec, settings: Settings, billing: Billing) -> "People":
        """Open the room on a database."""
        customers = CustomerRepository(mongo, codec)
        holders = HolderRepository(mongo)
        codes = Codes(
            mongo=mongo,
            codes=CodeRepository(mongo, codec),
            quotas=QuotaRepository(mongo, codec),
            outbox=Outbox(mongo),
            limits=Limits(
                life=timedelta(minutes=settings.code_minutes),
                attempts=settings.code_attempts,
                a_minute=settings.codes_a_minute,
                an_hour=settings.codes_an_hour,
                a_day=settings.codes_a_day,
            ),
        )
        access = Access(accounts=billing.accounts, customers=customers, holders=holders, codes=codes)
        return cls(customers=customers, holders=holders, codes=codes, access=access)
