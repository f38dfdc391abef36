"""`gridhall tariff compare`: what an account would have paid by the tariffs that it may choose."""

import asyncio
from typing import Annotated

import typer

from gridhall.billing.choices.model import Choices, NoChoices, Option
from gridhall.billing.choices.queries import History, choices_of
from gridhall.billing.opening import open_billing
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.tables import sureness
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, console, print_json, refuse, table
from gridhall.kit.localdays import local_day
from gridhall.kit.money import yuan
from gridhall.kit.settings import settings

_WHY = {
    "no_single_tariff": "it has no single tariff today",
    "no_tariff_version": "its tariff has no version in force today",
    "no_service_point": "it had no service point in the last twelve months",
}


def compare(
    number: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Account number (户号).")],
    *,
    json: AsJson = False,
) -> None:
    """Price the last twelve months of an account by every tariff that it may choose."""
    found = asyncio.run(_compare(number))
    if isinstance(found, NoChoices):
        few = f"about {found.days} days of the last twelve months have readings; it takes {found.needed}"
        raise refuse(f"account: {_WHY.get(found.why, few)}")
    if json:
        print_json(_as_json(found))
        return
    rows = [
        (*_named(option), yuan(option.total), yuan(option.saving), sureness(option.version)) for option in found.options
    ]
    table(
        f"{found.months[0]} to {found.months[-1]}, {sum(found.kwh)} kWh, {found.coverage:.0%} measured",
        ("tariff", "household", "yuan a year", "saving", "status"),
        rows,
    )
    for version in found.left_out:
        console.print(f"left out {version.code}: too few curves to divide by {version.calendar}", highlight=False)


def _named(option: Option) -> tuple[str, str]:
    title = catalogue.tariff(option.version.code).title
    of = ", ".join(sorted(option.kinds))
    household = of if option.applies else f"{of} (to be proven)"
    return f"{title.zh}\n{option.version.code}{' (today)' if option.current else ''}", household


def _as_json(found: Choices) -> dict[str, object]:
    return {
        "months": [str(month) for month in found.months],
        "kwh": [int(kwh) for kwh in found.kwh],
        "coverage": round(float(found.coverage), 3),
        "options": [
            {
                "version": option.version.id,
                "household": sorted(option.kinds),
                "applies": option.applies,
                "current": option.current,
                "total_fen": option.total,
                "saving_fen": option.saving,
                "month_fen": option.months,
                "provisional": option.version.provisional,
            }
            for option in found.options
        ],
        "left_out": [version.id for version in found.left_out],
    }


async def _compare(number: str) -> Choices | NoChoices:
    async with open_billing() as billing:
        account_id = await billing.accounts.by_number(number)
        found = await billing.accounts.load([account_id]) if account_id else {}
        if account_id is None or account_id not in found:
            raise refuse(f"account: {number} is not known")
        history = History(points=billing.tips.points, histories=billing.histories)
        today = local_day(SystemClock().now(), settings().time_zone)
        return await choices_of(history=history, account=found[account_id], today=today)
