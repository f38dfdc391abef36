"""The tariff engine: the lines of a month's energy charge, to the fen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from gridhall.billing.tariffs.apportion import shared
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.tiers import NegativeConsumptionError, Tier, split
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen, round_to_fen

_FIRST_TIER = 1
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill.

    kind: `energy` is a period's whole use at its tier-1 price, `surcharge` a higher tier's share at its surcharge,
    `allowance` what of a period's use is free.
    period: the period of the line; None on a surcharge line whose surcharge is the same in all periods.
    tier: 1 on energy and allowance lines, 2 or more on surcharge lines.
    price: yuan/kWh, below zero on allowance lines; amount: kwh times price, rounded half-up to the fen.
    version, days: the tariff version (`TariffVersion.id`) that says the price and the days on which it held; None
    on lines of a month that was priced as a whole by one version.
    """

    kind: Literal["energy", "surcharge", "allowance"]
    period: str | None
    tier: int
    kwh: Decimal
    price: Decimal
    amount: Fen
    version: str | None = None
    days: Days | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The energy charge of a month: an energy line a period, then a surcharge line a higher tier that was reached."""

    lines: tuple[Line, ...]
    total: Fen


def quote(version: TariffVersion, *, on_month: Month, used: Mapping[str, Decimal], used_before: Decimal) -> Quote:
    """Price the billed energy of a month.

    used: billed kWh of every period of the version, no more and no fewer; `used_before`: kWh billed earlier in the
    same cycle. Each line is rounded half-up to the fen and then summed; real bills are met no other way.
    Raises PeriodsDifferError and NegativeConsumptionError.
    """
    tiers = version.tiers_in(on_month.number)
    lines = charge(version, month=on_month.number, used=used, used_before=used_before, tiers=tiers)
    return Quote(lines=lines, total=Fen(sum(line.amount for line in lines)))


def charge(
    version: TariffVersion,
    *,
    month: int,
    used: Mapping[str, Decimal],
    used_before: Decimal,
    tiers: tuple[Tier, ...],
    free_kwh: Decimal = _NOTHING,
) -> tuple[Line, ...]:
    """Return the lines of `used` kWh by the prices of a month (1 to 12) and the tiers of a household.

    free_kwh: of which so many are free. They still count to the tiers, and they are those of the dearest period
    first, so that a household never gets back more than it was charged.
    Raises PeriodsDifferError and NegativeConsumptionError.
    """
    if used.keys() != set(version.periods):
        raise PeriodsDifferError(version, given=used)
    if below := [kwh for kwh in used.values() if kwh < 0]:
        raise NegativeConsumptionError(used_before=used_before, used=below[0])
    return (
        *_energy_lines(version, month=month, used=used),
        *_surcharge_lines(version, tiers=tiers, used=used, used_before=used_before),
        *_allowance_lines(version, month=month, used=used, free_kwh=free_kwh),
    )


def _energy_lines(version: TariffVersion, *, month: int, used: Mapping[str, Decimal]) -> Iterator[Line]:
    for period in version.periods:
        price = version.price(period, month=month)
        yield Line("energy", period, _FIRST_TIER, used[period], price, round_to_fen(used[period] * price))


def _surcharge_lines(
    version: TariffVersion, *, tiers: tuple[Tier, ...], used: Mapping[str, Decimal], used_before: Decimal
) -> Iterator[Line]:
    shares = split(tiers, used_before=used_before, used=sum(used.values(), _NOTHING))
    for number, (tier, share) in enumerate(zip(tiers, shares, strict=True), start=_FIRST_TIER):
        if not share or number == _FIRST_TIER:
            continue
        parts: dict[str | None, Decimal] = {None: share}
        if tier.of_periods:
            weights = [used[period] for period in version.periods]
            parts = dict(zip(version.periods, shared(share, weights, step=version.quantity.step), strict=True))
        for period, kwh in parts.items():
            price = tier.surcharge if period is None else tier.surcharge_of(period)
            if kwh:
                yield Line("surcharge", period, number, kwh, price, round_to_fen(kwh * price))


def _allowance_lines(
    version: TariffVersion, *, month: int, used: Mapping[str, Decimal], free_kwh: Decimal
) -> Iterator[Line]:
    prices = {period: version.price(period, month=month) for period in version.periods}
    for period in sorted(prices, key=lambda one: prices[one], reverse=True):
        if kwh := min(free_kwh, used[period]):
            free_kwh -= kwh
            price = -prices[period]
            yield Line("allowance", period, _FIRST_TIER, kwh, price, round_to_fen(kwh * price))


class PeriodsDifferError(ValueError):
    """The energy handed in is not told apart by the periods that the tariff has prices for."""

    def __init__(self, version: TariffVersion, *, given: Mapping[str, Decimal]) -> None:
        wanted = ", ".join(version.periods)
        super().__init__(f"{version.code} needs kWh for exactly {wanted}; given {', '.join(given) or 'none'}")
