"""How quotes and tariffs look on a terminal (Chinese and English) and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from rich.console import Console
from rich.table import Table

from gridhall.billing.tariffs.engine import Line, Quote
from gridhall.billing.tariffs.model import (
    Cycle,
    Doubt,
    FreeAllowance,
    HeatingExemption,
    LargeHousehold,
    Tariff,
    TariffVersion,
)
from gridhall.kit.localdays import Month
from gridhall.kit.money import yuan
from gridhall.metering.calendars import calendar

_ALL_MONTHS = 12
_DOUBTS: dict[Doubt, str] = {
    "prices": "价格 prices",
    "hours": "时段 hours",
    "first_day": "生效日 first day",
    "seasons": "季节月份 months of seasons",
}


def quote_json(quote: Quote) -> dict[str, object]:
    """Return a quote as JSON: prices and kWh as text, because they are exact decimals."""
    lines = [
        {
            "kind": line.kind,
            "period": line.period,
            "tier": line.tier,
            "kwh": plain(line.kwh),
            "price": f"{line.price:f}",
            "amount_fen": line.amount,
            "version": line.version,
            "days": line.days and [line.days.start.isoformat(), line.days.end.isoformat()],
        }
        for line in quote.lines
    ]
    return {"lines": lines, "total_fen": quote.total}


def tariff_json(tariff: Tariff) -> dict[str, object]:
    """Return a tariff as JSON with all its versions."""
    return {
        "code": tariff.code,
        "region": tariff.region,
        "supply": tariff.supply,
        "title": {"zh": tariff.title.zh, "en": tariff.title.en},
        "versions": [version_json(version) for version in tariff.versions],
    }


def version_json(version: TariffVersion) -> dict[str, object]:
    """Return a version as JSON."""
    return {
        "id": version.id,
        "effective_from": version.effective_from.isoformat(),
        "effective_to": version.effective_to and version.effective_to.isoformat(),
        "status": version.status,
        "provisional": version.provisional,
        "doubts": list(version.doubts),
        "source": version.source,
        "note": version.note,
        "calendar": version.calendar,
        "cycle": {"every": version.cycle.every, "starts": _starts(version.cycle)},
        "tiers": [
            {
                "months": sorted(season.months),
                "upto_kwh": tier.upto_kwh and plain(tier.upto_kwh),
                "surcharge": f"{tier.surcharge:f}",
                **({"surcharge_of": {of: f"{price:f}" for of, price in tier.of_periods}} if tier.of_periods else {}),
            }
            for season in version.seasons
            for tier in season.tiers
        ],
        "prices": [
            {"period": one.period, "months": sorted(one.months), "price": f"{one.price:f}"} for one in version.prices
        ],
        "households": _households_json(version),
    }


def _households_json(version: TariffVersion) -> dict[str, object]:
    found: dict[str, object] = {}
    if version.large:
        found["large"] = {"extra_kwh": plain(version.large.extra_kwh), **_origin(version.large)}
    if version.heating:
        found["heating_exempt"] = {
            "months": sorted(version.heating.months),
            "tiers": [
                {"upto_kwh": tier.upto_kwh and plain(tier.upto_kwh), "surcharge": f"{tier.surcharge:f}"}
                for tier in version.heating.tiers
            ],
            **_origin(version.heating),
        }
    if version.allowance:
        found["subsidised"] = {"kwh": plain(version.allowance.kwh), **_origin(version.allowance)}
    return found


def _origin(offer: LargeHousehold | HeatingExemption | FreeAllowance) -> dict[str, object]:
    return {"status": offer.status, "source": offer.source}


def print_quote(quote: Quote, *, tariff: Tariff, version: TariffVersion, on_month: Month) -> None:
    """Print the lines of a month and their total."""
    table = Table(title=f"{tariff.title.zh} {on_month}\n{tariff.title.en}", show_footer=True)
    table.add_column("项目\nItem", "合计 Total")
    table.add_column("电量\nkWh", justify="right")
    table.add_column("单价\nyuan/kWh", justify="right")
    table.add_column("金额\nyuan", str(yuan(quote.total)), justify="right")
    titles = _period_titles(version)
    for line in quote.lines:
        table.add_row(_item(line, titles), plain(line.kwh), f"{line.price:f}", str(yuan(line.amount)))
    console = Console()
    console.print(table)
    console.print(f"电价版本 Version {version.id} · {sureness(version)}", highlight=False)


def print_tariffs(tariffs: Sequence[Tariff]) -> None:
    """Print one row a version of every tariff."""
    table = Table(title="电价 Tariffs")
    for heading in ("代码\nCode", "名称\nTitle", "生效\nIn force", "状态\nStatus"):
        table.add_column(heading)
    for tariff in tariffs:
        for version in tariff.versions:
            days = _days(version.effective_from, version.effective_to)
            table.add_row(tariff.code, f"{tariff.title.zh}\n{tariff.title.en}", days, sureness(version))
    Console().print(table)


def print_version(version: TariffVersion, *, tariff: Tariff) -> None:
    """Print what a version says: whole prices a tier and period, then where they come from."""
    table = Table(title=f"{tariff.title.zh}\n{tariff.title.en}")
    table.add_column("阶梯\nTier")
    titles = _period_titles(version)
    for one in version.prices:
        table.add_column("\n".join(filter(None, (titles[one.period], _months(one.months)))), justify="right")
    for season in version.seasons:
        floor = Decimal(0)
        for number, tier in enumerate(season.tiers, start=1):
            border = "∞" if tier.upto_kwh is None else plain(tier.upto_kwh)
            prices = [f"{one.price + tier.surcharge_of(one.period):f}" for one in version.prices]
            table.add_row(f"{number}: {plain(floor)}-{border} kWh {_months(season.months)}".rstrip(), *prices)
            floor = tier.upto_kwh or floor
    console = Console()
    console.print(table)
    for heading, words in (
        ("版本 Version", version.id),
        ("生效 In force", _days(version.effective_from, version.effective_to)),
        ("周期 Cycle", f"{version.cycle.every} {_starts(version.cycle) or ''}"),
        ("时段 Calendar", f"{version.calendar} ({calendar(version.calendar).status})"),
        ("状态 Status", sureness(version)),
        ("来源 Source", version.source),
        ("说明 Note", version.note),
        *_offers(version),
    ):
        console.print(f"{heading}: {words}", highlight=False)


def sureness(version: TariffVersion) -> str:
    """Return the status of a version, and that it is provisional where prices, hours or dates have no good source."""
    if not version.provisional:
        return version.status
    return f"{version.status}, 暂定 provisional: {', '.join(_DOUBTS[doubt] for doubt in version.doubts)}"


def _offers(version: TariffVersion) -> Iterator[tuple[str, str]]:
    if large := version.large:
        yield "一户多人口 Large household", f"+{plain(large.extra_kwh)} kWh a month ({large.status}: {large.source})"
    if heating := version.heating:
        borders = "/".join(plain(tier.upto_kwh) for tier in heating.tiers if tier.upto_kwh)
        months = f"{_months(heating.months)} tier 1, not counted; tiers {borders} kWh"
        yield "采暖用户 Heated by electricity", f"{months} ({heating.status}: {heating.source})"
    if free := version.allowance:
        yield "低保/五保 Subsidised", f"{plain(free.kwh)} kWh a month free ({free.status}: {free.source})"


def plain(number: Decimal) -> str:
    """Return an exact decimal without exponent and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _period_titles(version: TariffVersion) -> dict[str, str]:
    found = calendar(version.calendar)
    return {period: f"{title.zh} {title.en}" for period, title in zip(found.periods, found.titles, strict=True)}


def _item(line: Line, titles: dict[str, str]) -> str:
    title = titles.get(line.period or "", "")
    if line.kind == "surcharge":
        return f"第{line.tier}档加价 tier {line.tier} surcharge {title}".rstrip()
    return f"免费电量 free allowance {title}" if line.kind == "allowance" else title


def _starts(cycle: Cycle) -> str | None:
    return f"{cycle.month:02d}-{cycle.day:02d}" if cycle.every == "year" else None


def _months(months: frozenset[int]) -> str:
    return "" if len(months) == _ALL_MONTHS else f"{','.join(str(month) for month in sorted(months))}月"


def _days(start: date, end: date | None) -> str:
    return f"{start} – {end or ''}"
