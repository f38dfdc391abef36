"""Accounts (户号): who is billed where, by which tariff, at which service points."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, NewType
from uuid import UUID

from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen

AccountId = NewType("AccountId", UUID)


@dataclass(frozen=True, slots=True)
class PointLink:
    """A service point that an account pays for, from a day on, until a day that no longer counts."""

    point_id: UUID
    from_day: date
    to_day: date | None = None


@dataclass(frozen=True, slots=True)
class TariffLink:
    """A tariff that an account is billed by, from a day on, until a day that no longer counts."""

    code: str
    from_day: date
    to_day: date | None = None


TermKind = Literal["large", "heating_exempt", "subsidised"]
"""A household of many people (一户多人口), one heated by electricity (采暖), one on 低保/五保."""


@dataclass(frozen=True, slots=True)
class Term:
    """What an account's household is, from a day on, until a day that no longer counts.

    It changes the price only where the tariff offers something to such a household.
    """

    kind: TermKind
    from_day: date
    to_day: date | None = None


@dataclass(frozen=True, slots=True)
class PrepaidStay:
    """Days on which an account pays ahead (预付费), from a day on, until a day that no longer counts."""

    from_day: date
    to_day: date | None = None


Link = PointLink | TariffLink | Term | PrepaidStay
"""What holds for an account from a day on, until a day that no longer counts."""


def holds_on(link: Link, day: date) -> bool:
    """Tell whether it holds on a day."""
    return link.from_day <= day and (link.to_day is None or day < link.to_day)


def touches(link: Link, days: Days) -> bool:
    """Tell whether it holds on at least one of the days."""
    return link.from_day < days.end and (link.to_day is None or days.start < link.to_day)


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account owes and what it has paid ahead: two figures, never one."""

    owed: Fen = Fen(0)
    prepaid: Fen = Fen(0)


@dataclass(frozen=True, slots=True)
class Account:
    """A contract to be supplied.

    number: the 户号 that people know, 10 or 13 digits.
    address: where the supply is; personal data, sealed at rest.
    read_day: day of the month (1 to 28) on which the meter is read (抄表例日) and a period begins.
    kept_since: first day that gridhall bills; `carried_kwh` is the energy that others had billed by then in the
    tier cycle of that day.
    terms: of the household, which may change tiers and prices.
    prepaid_stays: when it pays ahead; on all other days it is post-paid. Ours, and not the system of record's.
    version: raised by every write to the account's contract, bills or money.
    """

    id: AccountId
    number: str
    region: str
    org_path: str
    address: str
    kept_since: date
    points: tuple[PointLink, ...]
    tariffs: tuple[TariffLink, ...]
    terms: tuple[Term, ...] = ()
    read_day: int = 1
    carried_kwh: int = 0
    balance: Balance = Balance()
    version: int = 0
    prepaid_stays: tuple[PrepaidStay, ...] = ()

    def period(self, month: Month) -> Days:
        """Return the days that the bill labelled `month` covers: from a reading day to the next.

        The first period of an account that is kept from the middle of one begins on that day.
        """
        end = month.shift(1)
        days = Days(date(month.year, month.number, self.read_day), date(end.year, end.number, self.read_day))
        return Days(self.kept_since, days.end) if self.kept_since in days else days

    def is_prepaid(self, day: date) -> bool:
        """Return whether it pays ahead on a day."""
        return any(holds_on(one, day) for one in self.prepaid_stays)

    def points_in(self, days: Days) -> tuple[PointLink, ...]:
        """Return the links that hold during all of `days`."""
        return tuple(link for link in self.points if _holds(link, days))

    def tariff_in(self, days: Days) -> TariffLink | None:
        """Return the tariff that holds during all of `days`, or None where none or more than one does."""
        holding = [link for link in self.tariffs if _holds(link, days)]
        return holding[0] if len(holding) == 1 else None


def _holds(link: PointLink | TariffLink, days: Days) -> bool:
    return link.from_day <= days.start and (link.to_day is None or days.end <= link.to_day)


def masked_number(number: str) -> str:
    """Return an account number of which a stranger may see only the ends: 330******789."""
    return f"{number[:3]}{'*' * (len(number) - 6)}{number[-3:]}"
