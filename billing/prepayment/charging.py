"""The provisional charge of each day (日测算), by the engine that prices bills, in the right place of the tiers. Pure.

The rule: a day costs what the period up to its end costs, less what the period up to its beginning costs. Both are
quoted as the month's bill would be, with their energy rounded by the tariff. So the days of a period sum to the quote
of their energy, to the fen, and a border of a tier is crossed on its day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from gridhall.billing.accounts.model import Account, touches
from gridhall.billing.bills.model import Billed
from gridhall.billing.bills.pricing import Pricing, pricing_of
from gridhall.billing.prepayment.model import Allowance, DayCharge
from gridhall.billing.tariffs.cycle import cycle_days
from gridhall.billing.tariffs.engine import Line, PeriodsDifferError, quote
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.proration import SINGLE_PERIOD, Drawn, price_period, stays
from gridhall.billing.tariffs.quantity import billed_energy
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen

_NOTHING: Final = Decimal(0)

Used = Mapping[str, Decimal]
"""KWh a period of use."""


@dataclass(frozen=True, slots=True)
class DayUse:
    """What was measured on a day, at all points of an account together."""

    kwh: Used
    quality: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Charged:
    """The charges of days. allowance: of the last period. unpriced: a code, from where on the use has no price."""

    days: tuple[DayCharge, ...]
    allowance: Allowance | None = None
    unpriced: str = ""


@dataclass(frozen=True, slots=True)
class _Quoted:
    """What the days of a period cost until one of them."""

    total: Fen
    lines: tuple[Line, ...]
    counted: Decimal


def charge_days(account: Account, *, days: Days, used: Mapping[date, DayUse], billed: Sequence[Billed]) -> Charged:
    """Charge the days since the last bill, period by period.

    billed: what the tiers have to know of earlier bills.
    """
    found: list[DayCharge] = []
    allowance = None
    counted: list[tuple[Days, Decimal]] = [(one.days, one.kwh) for one in billed]
    month = _label(account, days.start)
    while account.period(month).start < days.end:
        period = account.period(month)
        within = Days(max(days.start, period.start), min(days.end, period.end))
        pricing = pricing_of(account, period)
        if isinstance(pricing, Waiting):
            rest = Days(within.start, days.end)
            return Charged((*found, *_free_of_price(rest, used)), allowance, pricing.code)
        one = _Period(account, month, period, pricing, _before(account, period, pricing.version, counted))
        try:
            charged, quoted = one.charge(within, used)
        except PeriodsDifferError:
            rest = Days(within.start, days.end)
            return Charged((*found, *_free_of_price(rest, used)), allowance, "registers_of_another_tariff")
        found += charged
        counted.append((period, quoted.counted))
        allowance = one.allowance(quoted)
        month = month.shift(1)
    return Charged(tuple(found), allowance)


@dataclass(frozen=True, slots=True)
class _Period:
    account: Account
    month: Month
    days: Days
    pricing: Pricing
    before: Decimal

    def charge(self, within: Days, used: Mapping[date, DayUse]) -> tuple[list[DayCharge], _Quoted]:
        drawn: dict[date, Used] = {}
        last = self.quote(drawn)
        found: list[DayCharge] = []
        for day in within:
            use = used.get(day)
            if use is None:
                found.append(DayCharge(day, None, Fen(0), None, whole=False))
                continue
            drawn[day] = use.kwh
            now = self.quote(drawn)
            kwh = sum(use.kwh.values(), _NOTHING)
            found.append(DayCharge(day, kwh, Fen(now.total - last.total), use.quality, use.whole))
            last = now
        return found, last

    def quote(self, drawn: Mapping[date, Used]) -> _Quoted:
        """Return what the energy of some days of the period costs, each stretch of them rounded as a bill's is."""
        version = self.pricing.version
        if not self.pricing.changes:
            used = _rounded(drawn.values(), version)
            quoted = quote(version, on_month=self.month, used=used, used_before=self.before)
            return _Quoted(quoted.total, quoted.lines, sum(used.values(), _NOTHING))
        account = self.account
        stretches = []
        for stay in stays(tariffs=account.tariffs, terms=account.terms, days=self.days):
            inside = [kwh for day, kwh in drawn.items() if day in stay.days]
            stretches.append(Drawn(stay.days, _rounded(inside, stay.version)))
        found = price_period(
            tariffs=account.tariffs,
            terms=account.terms,
            days=self.days,
            month=self.month,
            used=stretches,
            used_before=self.before,
        )
        return _Quoted(found.total, found.lines, found.counted_kwh)

    def allowance(self, quoted: _Quoted) -> Allowance | None:
        """Return what of the energy is free in the period, where the household is subsidised in all of it."""
        offered = self.pricing.version.allowance
        terms = self.account.terms
        if offered is None or not any(term.kind == "subsidised" and touches(term, self.days) for term in terms):
            return None
        used = sum((line.kwh for line in quoted.lines if line.kind == "allowance"), _NOTHING)
        return Allowance(offered.kwh, used)


def _rounded(parts: Iterable[Used], version: TariffVersion) -> dict[str, Decimal]:
    """Sum energy a period of the tariff, and round it by the rule of the tariff. Raises PeriodsDifferError."""
    sums = dict.fromkeys(version.periods, _NOTHING)
    single = version.periods == (SINGLE_PERIOD,)
    for kwh in parts:
        for period, energy in kwh.items():
            name = SINGLE_PERIOD if single else period
            if name not in sums:
                raise PeriodsDifferError(version, given=kwh)
            sums[name] += energy
    return {period: billed_energy(version.quantity, metered=kwh).kwh for period, kwh in sums.items()}


def _before(account: Account, period: Days, version: TariffVersion, counted: Sequence[tuple[Days, Decimal]]) -> Decimal:
    """Return the kWh of the tier cycle before a period: billed, reckoned here, or carried from elsewhere."""
    cycle = cycle_days(version.cycle, on=period.start)
    carried = Decimal(account.carried_kwh) if account.kept_since in cycle else _NOTHING
    return sum((kwh for days, kwh in counted if cycle.start <= days.start < period.start), carried)


def _free_of_price(days: Days, used: Mapping[date, DayUse]) -> list[DayCharge]:
    return [
        DayCharge(
            day, sum(use.kwh.values(), _NOTHING) if use else None, Fen(0), use.quality if use else None, whole=False
        )
        for day in days
        for use in (used.get(day),)
    ]


def _label(account: Account, day: date) -> Month:
    month = Month.of(day)
    return month if day.day >= account.read_day else month.shift(-1)
