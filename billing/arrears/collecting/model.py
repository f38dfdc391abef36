"""What a collector did about an account: a call, a message, a visit with photos; and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from gridhall.billing.accounts.model import AccountId

ContactId = NewType("ContactId", UUID)

CONTACT: Final = "arrears_contact"
"""What photos of a visit are attached to."""

NOTE_LENGTHS: Final = range(4, 501)
MOST_PHOTOS: Final = 12


class ContactWay(StrEnum):
    """How somebody was met."""

    CALL = "call"
    VISIT = "visit"
    COUNTER = "counter"
    MESSAGE = "message"


class Outcome(StrEnum):
    """What came of it."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    WRONG_NUMBER = "wrong_number"
    PROMISED = "promised"
    DISPUTES = "disputes"
    REFUSES = "refuses"
    HARDSHIP = "hardship"
    VACANT = "vacant"
    NOTICE_HANDED_OVER = "notice_handed_over"


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact. by: the agent's name. A visit has at least one photo."""

    id: ContactId
    account_id: AccountId
    region: str
    org_path: str
    way: ContactWay
    outcome: Outcome
    note: str
    by: str
    at: datetime
    photos: tuple[UUID, ...] = ()
