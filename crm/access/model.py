"""What came of asking to be bound to an account."""

from dataclasses import dataclass
from datetime import datetime

from gridhall.billing.accounts.model import AccountId


@dataclass(frozen=True, slots=True)
class CodeSent:
    """A code is on its way to the account's registered phone, if there is such an account.

    The answer is the same for a number that does not exist, so that numbers cannot be tried out.
    """

    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Bound:
    """The customer is bound to the account (now, or since earlier)."""

    account_id: AccountId
