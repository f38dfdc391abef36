"""The second path of the review: the same charge by other arithmetic, so that a slip in one shows.

It shares no rule with the engine. Prices are taken whole, tier-1 price and surcharge together, as a price notice
prints them; the energy of a tier is found as what lies above its floor less what lies above its ceiling; and all
of it is counted in integers, with a rounding of their own.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.tiers import Tier
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen

_PRICE_DECIMALS = 8
_KWH_DECIMALS = 6
_UNITS_A_FEN = 10**12
"""A price of 8 decimals times kWh of 6 has 14, a fen is the second."""
_UNITS = [10**exponent for exponent in range(_KWH_DECIMALS, -1, -1)]
"""One kWh in millionths, a tenth of it, and so on."""


def recompute(version: TariffVersion, *, on_month: Month, used: Mapping[str, Decimal], used_before: Decimal) -> Fen:
    """Return what the energy of a month costs, found independently of `engine.quote`.

    Takes the same arguments, whose kWh have at most 6 decimals. Only the rule of rounding lines is the same.
    """
    (tiers,) = (season.tiers for season in version.seasons if on_month.number in season.months)
    return again(
        version,
        tiers=tiers,
        month=on_month.number,
        used={period: count(kwh) for period, kwh in used.items()},
        before=count(used_before),
    )


def again(
    version: TariffVersion, *, tiers: Sequence[Tier], month: int, used: Mapping[str, int], before: int, free: int = 0
) -> Fen:
    """Return what energy costs by the prices of a month and these tiers, the dearest `free` of it for nothing.

    All kWh are counted in millionths.
    """
    after = before + sum(used.values())
    table = _full_prices(version, tiers, month)
    amounts = [_half_up(used[period] * table[0][period]) for period in table[0]]
    floors = [0, *(count(tier.upto_kwh) for tier in tiers if tier.upto_kwh is not None)]
    above = [max(after - floor, 0) - max(before - floor, 0) for floor in floors] + [0]
    for number in range(1, len(table)):
        in_tier = above[number] - above[number + 1]
        extra = {period: table[number][period] - price for period, price in table[0].items()}
        if len(set(extra.values())) == 1 or not in_tier:
            amounts.append(_half_up(in_tier * extra[version.periods[-1]]))
        else:
            parts = _as_the_whole(in_tier, [used[one] for one in version.periods], count(version.quantity.step))
            amounts += [_half_up(part * extra[one]) for one, part in zip(version.periods, parts, strict=True)]
    for price, _, period in sorted((-price, version.periods.index(one), one) for one, price in table[0].items()):
        amounts.append(-_half_up(-price * min(free, used[period])))
        free -= min(free, used[period])
    return Fen(sum(amounts))


def count(kwh: Decimal) -> int:
    """Return kWh of at most 6 decimals in millionths."""
    return _count(kwh, _KWH_DECIMALS)


def _full_prices(version: TariffVersion, tiers: Sequence[Tier], month: int) -> list[dict[str, int]]:
    """Return the table of a price notice: for each tier the whole price of each period, in 10**-8 yuan."""
    first = {one.period: one.price for one in version.prices if month in one.months}
    return [
        {period: _count(price + tier.surcharge_of(period), _PRICE_DECIMALS) for period, price in first.items()}
        for tier in tiers
    ]


def _as_the_whole(in_tier: int, used: Sequence[int], step: int) -> list[int]:
    """Share the energy of a tier over periods as all of it is, each rounded down, the rest by what each has lost."""
    unit = step if not in_tier % step else next(one for one in _UNITS if not in_tier % one)
    whole = sum(used) * unit
    parts = [in_tier * kwh // whole for kwh in used]
    lost = [in_tier * kwh - part * whole for kwh, part in zip(used, parts, strict=True)]
    for place in sorted(range(len(used)), key=lambda one: (-lost[one], one))[: in_tier // unit - sum(parts)]:
        parts[place] += 1
    return [part * unit for part in parts]


def _count(number: Decimal, decimals: int) -> int:
    return int(number.scaleb(decimals))


def _half_up(units: int) -> int:
    return (2 * units + _UNITS_A_FEN) // (2 * _UNITS_A_FEN)
