"""`gridhall tariff`: what tariffs there are, what they say, what a month would cost, and bringing new ones."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gridhall.billing.accounts.model import TariffLink, Term, TermKind
from gridhall.billing.tariffs import catalogue, tables
from gridhall.billing.tariffs.engine import PeriodsDifferError, Quote, quote
from gridhall.billing.tariffs.households import kinds_on
from gridhall.billing.tariffs.imports.operations import Imported, import_tariff, refresh
from gridhall.billing.tariffs.imports.reading import read_tariff
from gridhall.billing.tariffs.imports.repository import TariffVersionRepository
from gridhall.billing.tariffs.model import Tariff, TariffVersion
from gridhall.billing.tariffs.proration import Drawn, price_period
from gridhall.billing.tariffs.schema import TariffFile
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, console, print_json, refuse
from gridhall.kit.localdays import Month
from gridhall.kit.quantity import QuantityError, from_scaled, to_scaled
from gridhall.kit.runtime import open_mongo
from gridhall.kit.settings import settings
from gridhall.metering.calendars.datafile import RuleFileError

app = typer.Typer(
    name="tariff", help="Tariffs as versioned data, and what a month costs by them.", no_args_is_help=True
)

_KWH_DECIMALS = 3
_MOST_KWH = 10**9


class Household(StrEnum):
    """What a household may be, beside being one."""

    LARGE = "large"
    HEATING_EXEMPT = "heating_exempt"
    SUBSIDISED = "subsidised"


_KINDS: Mapping[Household, TermKind] = {
    Household.LARGE: "large",
    Household.HEATING_EXEMPT: "heating_exempt",
    Household.SUBSIDISED: "subsidised",
}

Code = Annotated[str, typer.Argument(metavar="TARIFF", help="Code of a tariff, like zhejiang-residential-tou.")]


@app.command("quote")
def quote_month(
    code: Code,
    *,
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="The month that is priced, like 2024-08.")],
    kwh: Annotated[str, typer.Option(help="Billed kWh a period, like peak=377,valley=410, or total=200.")],
    used_before: Annotated[str, typer.Option(metavar="KWH", help="kWh billed earlier in the same cycle.")] = "0",
    household: Annotated[
        list[Household] | None, typer.Option(help="What the household is; may be given more than once.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Price one month: an energy line a period, a surcharge line a higher tier, each rounded to the fen."""
    try:
        on_month = Month.parse(month)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--month") from None
    version = _version(code, on=on_month.first, option="--month")
    used, before = _energies(kwh), _energy(used_before, option="--used-before")
    try:
        found = _quote(version, on_month=on_month, used=used, used_before=before, household=household or [])
    except PeriodsDifferError as error:
        raise typer.BadParameter(str(error), param_hint="--kwh") from None
    if as_json:
        print_json(tables.quote_json(found))
    else:
        tables.print_quote(found, tariff=_tariff(code), version=version, on_month=on_month)


def _quote(
    version: TariffVersion,
    *,
    on_month: Month,
    used: Mapping[str, Decimal],
    used_before: Decimal,
    household: Sequence[Household],
) -> Quote:
    """Price a month for a household that is of these kinds all year."""
    if not household:
        return quote(version, on_month=on_month, used=used, used_before=used_before)
    terms = [Term(_KINDS[kind], version.effective_from) for kind in household]
    if missing := {term.kind for term in terms} - kinds_on(version, terms=terms, day=on_month.first):
        raise typer.BadParameter(
            f"{version.id} is not known to offer anything to {', '.join(sorted(missing))}", param_hint="--household"
        )
    found = price_period(
        tariffs=[TariffLink(version.code, version.effective_from)],
        terms=terms,
        days=on_month.days,
        month=on_month,
        used=[Drawn(on_month.days, used)],
        used_before=used_before,
    )
    return Quote(found.lines, found.total)


@app.command("import")
def import_file(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A tariff file, .toml or .json.")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who brings it; it is kept with the version.")],
    check: Annotated[bool, typer.Option("--check", help="Only check the file; keep nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add the new versions of a tariff; those that are there stay as they are, and end where the next begins."""
    try:
        content = read_tariff(file)
        if check:
            _say({"checked": [one.id for one in content.tariff().versions]}, as_json=as_json)
            return
        outcome = asyncio.run(_import(content, named=file.name, by=by))
    except RuleFileError as error:
        raise refuse(str(error)) from None
    _say({"added": outcome.added, "known": outcome.known, "closed": outcome.closed}, as_json=as_json)


@app.command("list")
def list_tariffs(*, as_json: AsJson = False) -> None:
    """List every tariff with the days it is known for and how sure it is."""
    found = [catalogue.tariff(code) for code in catalogue.tariff_codes()]
    if as_json:
        print_json([tables.tariff_json(one) for one in found])
    else:
        tables.print_tariffs(found)


@app.command("show")
def show(
    *,
    code: Code,
    on: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="The version of this day; the newest where absent.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a tariff says: cycle, tiers, prices a period, source and status."""
    tariff = _tariff(code)
    version = tariff.versions[-1] if on is None else _version(code, on=_day(on), option="--on")
    if as_json:
        print_json(tables.version_json(version))
    else:
        tables.print_version(version, tariff=tariff)


@app.callback()
def _with_imported(context: typer.Context) -> None:
    """Tariffs as versioned data, and what a month costs by them."""
    chosen = settings()
    if context.invoked_subcommand in {"import", "compare"}:
        return  # they read them themselves
    if chosen.mongo_uri is not None or (chosen.data_dir / "mongod").is_dir():
        asyncio.run(_refresh())


async def _refresh() -> None:
    async with open_mongo(settings()) as mongo:
        await refresh(versions=TariffVersionRepository(mongo))


async def _import(content: TariffFile, *, named: str, by: str) -> Imported:
    async with open_mongo(settings()) as mongo:
        return await import_tariff(
            file=content, named=named, versions=TariffVersionRepository(mongo), by=by, now=SystemClock().now()
        )


def _say(outcome: Mapping[str, str | Sequence[str] | None], *, as_json: bool) -> None:
    if as_json:
        print_json(outcome)
        return
    for what, names in outcome.items():
        for name in [names] if isinstance(names, str) else names or ():
            console.print(f"{what} {name}", highlight=False)


def _tariff(code: str) -> Tariff:
    try:
        return catalogue.tariff(code)
    except catalogue.UnknownTariffError as error:
        raise typer.BadParameter(str(error), param_hint="TARIFF") from None


def _version(code: str, *, on: date, option: str) -> TariffVersion:
    _tariff(code)
    try:
        return catalogue.version(code, on=on)
    except catalogue.NoVersionInForceError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write it like 2024-08-31", param_hint="--on") from None


def _energies(text: str) -> dict[str, Decimal]:
    used: dict[str, Decimal] = {}
    for part in text.split(","):
        period, equals, amount = (piece.strip() for piece in part.partition("="))
        if not (period and equals and amount):
            raise typer.BadParameter(f"{part!r} is not period=kWh; write peak=377,valley=410", param_hint="--kwh")
        if period in used:
            raise typer.BadParameter(f"{period} is given twice; give each period once", param_hint="--kwh")
        used[period] = _energy(amount, option="--kwh")
    return used


def _energy(text: str, *, option: str) -> Decimal:
    try:
        scaled = to_scaled(text, scale=_KWH_DECIMALS)
    except QuantityError as error:
        raise typer.BadParameter(f"{error}; give kWh with at most 3 decimals", param_hint=option) from None
    if not 0 <= scaled < _MOST_KWH * 10**_KWH_DECIMALS:
        raise typer.BadParameter(f"{text} kWh is not allowed; give 0 or more, below {_MOST_KWH}", param_hint=option)
    return from_scaled(scaled, scale=_KWH_DECIMALS)
