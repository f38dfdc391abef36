"""What the tariffs of an account say of a billing period: the registers that are needed, and then the price. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from gridhall.billing.accounts.model import Account, touches
from gridhall.billing.bills.model import RegisterRow
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.engine import Line, PeriodsDifferError, quote
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.proration import Drawn, NoTariffError, periods_to_read, price_period, stays
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Pricing:
    """How a period is priced.

    version: of the first day; its rule of quantity holds for the whole period. periods: the registers that are needed.
    changes: whether the tariff, its version or the household changes within, or the household has terms of its own.
    """

    version: TariffVersion
    periods: tuple[str, ...]
    changes: bool


@dataclass(frozen=True, slots=True)
class Priced:
    """The charge of a period. uncounted: the kWh of it that do not count to the tiers of the cycle."""

    lines: tuple[Line, ...]
    total: Fen
    uncounted: Decimal


def pricing_of(account: Account, days: Days) -> Pricing | Waiting:
    """Return how a period of an account is priced, or what it waits for."""
    link = account.tariff_in(days)
    try:
        if link is not None and not any(touches(term, days) for term in account.terms):
            version = catalogue.version(link.code, on=days.start)
            if version.effective_to is None or days.end <= version.effective_to:
                return Pricing(version, version.periods, changes=False)
        first = stays(tariffs=account.tariffs, terms=account.terms, days=days)[0]
        return Pricing(first.version, periods_to_read(tariffs=account.tariffs, days=days), changes=True)
    except NoTariffError:
        return Waiting("no_single_tariff")
    except (catalogue.UnknownTariffError, catalogue.NoVersionInForceError):
        return Waiting("no_tariff_version", (("tariff", (link or account.tariffs[-1]).code),))


def price(
    pricing: Pricing,
    *,
    account: Account,
    days: Days,
    month: Month,
    rows: Sequence[RegisterRow],
    used_before: Decimal,
) -> Priced | Waiting:
    """Price what the registers counted in `days`, or say what it waits for."""
    if not pricing.changes:
        quoted = quote(pricing.version, on_month=month, used=used_in(rows), used_before=used_before)
        return Priced(quoted.lines, quoted.total, _NOTHING)
    try:
        found = price_period(
            tariffs=account.tariffs,
            terms=account.terms,
            days=days,
            month=month,
            used=drawn(rows, days=days),
            used_before=used_before,
        )
    except PeriodsDifferError:
        return Waiting("registers_of_another_tariff")
    return Priced(found.lines, found.total, found.kwh - found.counted_kwh)


def used_in(rows: Sequence[RegisterRow]) -> dict[str, Decimal]:
    """Return the billed kWh of each period."""
    used: dict[str, Decimal] = {}
    for row in rows:
        used[row.period] = used.get(row.period, _NOTHING) + row.kwh
    return used


def drawn(rows: Sequence[RegisterRow], *, days: Days) -> list[Drawn]:
    """Return what each meter counted between its reads, as far as they lie in `days`."""
    found: dict[tuple[object, ...], Drawn] = {}
    for row in rows:
        on = days if row.days is None else Days(max(row.days.start, days.start), min(row.days.end, days.end))
        before = found.get((row.point_id, row.meter, on))
        kwh = {**(before.kwh if before else {}), row.period: row.kwh}
        found[(row.point_id, row.meter, on)] = Drawn(on, kwh)
    return list(found.values())
