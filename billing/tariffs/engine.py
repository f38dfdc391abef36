"""The tariff engine: the lines of a month's energy charge, to the fen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.tiers import NegativeConsumptionError, Tier, split
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen, round_to_fen

_FIRST_TIER = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill.

    kind: `energy` is a period's whole use at its tier-1 price, `surcharge` a higher tier's share at its surcharge.
    period: the period of an energy line, None on a surcharge line, whose share is of all periods together.
    tier: 1 on energy lines, 2 or more on surcharge lines.
    price: yuan/kWh; amount: kwh times price, rounded half-up to the fen.
    """

    kind: Literal["energy", "surcharge"]
    period: str | None
    tier: int
    kwh: Decimal
    price: Decimal
    amount: Fen


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
    if used.keys() != set(version.periods):
        raise PeriodsDifferError(version, given=used)
    if below := [kwh for kwh in used.values() if kwh < 0]:
        raise NegativeConsumptionError(used_before=used_before, used=below[0])
    lines = (
        *_energy_lines(version, month=on_month.number, used=used),
        *_surcharge_lines(
            version.tiers_in(on_month.number), used=sum(used.values(), Decimal(0)), used_before=used_before
        ),
    )
    return Quote(lines=lines, total=Fen(sum(line.amount for line in lines)))


def _energy_lines(version: TariffVersion, *, month: int, used: Mapping[str, Decimal]) -> Iterator[Line]:
    for period in version.periods:
        price = version.price(period, month=month)
        yield Line("energy", period, _FIRST_TIER, used[period], price, round_to_fen(used[period] * price))


def _surcharge_lines(tiers: tuple[Tier, ...], *, used: Decimal, used_before: Decimal) -> Iterator[Line]:
    shares = split(tiers, used_before=used_before, used=used)
    for number, (tier, kwh) in enumerate(zip(tiers, shares, strict=True), start=_FIRST_TIER):
        if kwh and number > _FIRST_TIER:
            yield Line("surcharge", None, number, kwh, tier.surcharge, round_to_fen(kwh * tier.surcharge))


class PeriodsDifferError(ValueError):
    """The energy handed in is not told apart by the periods that the tariff has prices for."""

    def __init__(self, version: TariffVersion, *, given: Mapping[str, Decimal]) -> None:
        wanted = ", ".join(version.periods)
        super().__init__(f"{version.code} needs kWh for exactly {wanted}; given {', '.join(given) or 'none'}")
