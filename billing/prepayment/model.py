"""What an account that pays ahead has used since its last bill, day by day, and where it stands with its balance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from math import floor
from typing import Final

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.prepayment.rules import Rules
from gridhall.kit.money import Fen
from gridhall.metering.quality import UNSURE

LATELY: Final = 14
"""Days whose mean charge tells how long a balance lasts."""


@dataclass(frozen=True, slots=True)
class DayCharge:
    """The provisional charge of a local day (日测算). It is posted nowhere: the month's bill is the final word.

    kwh: what was measured; None where nothing was. amount: in fen, 0 where nothing was measured. quality: the worst
    code of the day. whole: whether every reading of the day is there.
    """

    day: date
    kwh: Decimal | None
    amount: Fen
    quality: int | None
    whole: bool

    @property
    def firm(self) -> bool:
        """Whether it stands on a whole day of real readings."""
        return self.whole and self.quality not in UNSURE


@dataclass(frozen=True, slots=True)
class Allowance:
    """The free energy of a subsidised household in the running period, in kWh."""

    kwh: Decimal
    used: Decimal

    @property
    def left(self) -> Decimal:
        """What is still free."""
        return self.kwh - self.used


class Level(StrEnum):
    """Where a balance stands; of the worse ones the customer is told."""

    FINE = "fine"
    LOW = "low"
    EMPTY = "empty"


class Cut(StrEnum):
    """How far cutting the supply for an empty balance came."""

    NONE = "none"
    PROPOSED = "proposed"
    """The system proposes it to people; nothing happens before two of them have agreed."""
    ASKED = "asked"
    """Two persons agreed; the field system is asked."""
    DONE = "done"
    RESTORING = "restoring"
    """The supply is asked to be restored."""


@dataclass(frozen=True, slots=True)
class Prepayment:
    """How an account that pays ahead stands since its last bill.

    since: first day that no issued bill covers. until: first day that is not reckoned. days: those between, in order.
    unpriced: a code, where the use has no price. as_of: when the newest reading behind it was stored. level: of what
    the customer was told; only money raises it again. spell: how often it was raised, so that each crossing is told
    once. empty_since: the day on which it was found below the notice. cut: see `Cut`. eased_on: the day of a payment or
    of a person's no, on which nothing harsher is proposed.
    """

    account_id: AccountId
    region: str
    org_path: str
    since: date
    until: date
    days: tuple[DayCharge, ...] = ()
    allowance: Allowance | None = None
    unpriced: str = ""
    as_of: datetime | None = None
    level: Level = Level.FINE
    spell: int = 0
    empty_since: date | None = None
    cut: Cut = Cut.NONE
    cut_changed_at: datetime | None = None
    eased_on: date | None = None

    @property
    def charged(self) -> Fen:
        """What the days cost so far."""
        return Fen(sum(one.amount for one in self.days))

    @property
    def charged_firmly(self) -> Fen:
        """What those of them cost that stand on whole days of real readings."""
        return Fen(sum(one.amount for one in self.days if one.firm))

    @property
    def last(self) -> DayCharge | None:
        """The newest day of which something was measured."""
        return next((one for one in reversed(self.days) if one.kwh is not None), None)

    def balance(self, account: Account) -> Fen:
        """Return what is left of the money paid ahead. What is owed on bills is another figure."""
        return Fen(account.balance.prepaid - self.charged)

    def fresh(self, *, today: date, rules: Rules) -> bool:
        """Whether its newest day is firm and as new as the policy asks for."""
        last = self.last
        return last is not None and last.firm and (today - last.day).days <= rules.fresh_days

    def days_left(self, account: Account) -> int | None:
        """Return for how many whole days the balance lasts at the mean of the last fortnight; None where none is."""
        lately = [one.amount for one in self.days if one.whole][-LATELY:]
        balance = self.balance(account)
        if not lately or not sum(lately):
            return None
        return max(0, floor(balance * len(lately) / sum(lately)))

    def billed_until(self, day: date) -> "Prepayment":
        """Return it without the days before `day`, which an issued bill has settled."""
        if day <= self.since:
            return self
        return replace(
            self, since=day, until=max(day, self.until), days=tuple(one for one in self.days if one.day >= day)
        )

    def at(self, cut: Cut, *, now: datetime) -> "Prepayment":
        """Return it with its cut further on."""
        return replace(self, cut=cut, cut_changed_at=now)


def begun(account: Account, *, since: date) -> Prepayment:
    """Return where an account begins of which nothing was reckoned yet."""
    return Prepayment(account.id, account.region, account.org_path, since, since)


def level_of(balance: Fen, rules: Rules) -> Level:
    """Return where a balance stands by a policy."""
    if balance < rules.notice_below:
        return Level.EMPTY
    return Level.LOW if balance < rules.warn_below else Level.FINE


def worse(one: Level, other: Level) -> bool:
    """Say whether a level is worse than another."""
    return _ORDER.index(one) > _ORDER.index(other)


_ORDER: Final[Sequence[Level]] = (Level.FINE, Level.LOW, Level.EMPTY)
