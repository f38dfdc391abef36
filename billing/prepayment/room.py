"""What prepayment needs at hand."""

from dataclasses import dataclass

from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.cutting.repository import NoticeRepository
from gridhall.billing.payments.repository import IntentRepository
from gridhall.billing.prepayment.repository import TopUpConsentRepository
from gridhall.kit.mongo import Mongo
from gridhall.metering.histories.queries import MonthReader


@dataclass(frozen=True, slots=True)
class Prepaying:
    """The accounts that pay ahead. following: what money and cuts of arrears touch; they share it."""

    mongo: Mongo
    following: Following
    histories: MonthReader
    consents: TopUpConsentRepository
    intents: IntentRepository
    notices: NoticeRepository
