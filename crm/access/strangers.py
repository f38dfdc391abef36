"""Paying for somebody else by account number, without a binding: what a stranger is told of an account.

A stranger learns the ends of the number, the first character of the holder's name, and how much is owed; never a bill,
an address or a use. Numbers cannot be tried out: how often somebody may ask is limited, and how often all together, and
every answer takes as long.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gridhall.billing.accounts.model import Account, masked_number
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.payments.owing import Owing, owing
from gridhall.crm.access.pace import evenly
from gridhall.crm.codes.model import Limits
from gridhall.crm.codes.repository import QuotaRepository
from gridhall.crm.customers.model import CustomerId, Role, masked_name
from gridhall.crm.customers.repository import CustomerRepository
from gridhall.kit.log import logger
from gridhall.kit.money import Fen
from gridhall.kit.subject import Refusal

_log = logger("crm")

TOO_OFTEN: Final = Refusal("access.looked_up_too_often")


@dataclass(frozen=True, slots=True)
class Strangers:
    """What looking an account up by number needs at hand.

    limits: of one customer. most_an_hour: of all customers together, against one who comes as many.
    """

    accounts: AccountRepository
    following: Following
    customers: CustomerRepository
    quotas: QuotaRepository
    limits: Limits
    most_an_hour: int


@dataclass(frozen=True, slots=True)
class Payable:
    """What a stranger may know of an account. name: None where nobody is bound as its holder."""

    account: Account
    name: str | None
    owing: Owing

    @property
    def number(self) -> str:
        """The account number, masked."""
        return masked_number(self.account.number)

    @property
    def owed(self) -> Fen:
        """What is owed, penalties through today included."""
        return self.owing.total


async def payable_by_number(
    *, strangers: Strangers, asker: CustomerId, number: str, now: datetime
) -> Payable | Refusal | None:
    """Return what a customer may know of an account of anybody; None where there is no such number.

    Every call counts, whatever it finds.
    """
    async with evenly():
        if not await _within_quota(strangers, f"payable:{asker}", now=now):
            return TOO_OFTEN
        asked_by_all = await strangers.quotas.count("payable", now=now)
        if asked_by_all > strangers.most_an_hour:
            _log.warning("look-ups by number used up for this hour", asked=asked_by_all)
            return TOO_OFTEN
        account_id = await strangers.accounts.by_number(number.strip())
        account = (await strangers.accounts.load([account_id])).get(account_id) if account_id else None
        if account is None:
            return None
        bound = await strangers.customers.bound_to([account.id])
        holders = (
            one for one in bound if any(b.account_id == account.id and b.role is Role.OWNER for b in one.bindings)
        )
        name = next((one.name for one in holders if one.name), None)
        following = strangers.following
        owed = await owing(following=following, accounts=[account], today=following.today(now))
        return Payable(account, masked_name(name) if name else None, owed[account.id])


async def _within_quota(strangers: Strangers, who: str, *, now: datetime) -> bool:
    asked, revision = await strangers.quotas.asked(who)
    recent = [one for one in asked if now - one < timedelta(days=1)]
    if not strangers.limits.allow(recent, now=now):
        return False
    return await strangers.quotas.note(who, asked=[*recent, now], revision=revision, now=now)
