"""Commands of arrears: what is overdue, whom to see first, the scan, the file of an account, and payment outages."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.cutting.operations import propose_due
from gridhall.billing.arrears.figures import AGES, aging, days_outstanding, recovery
from gridhall.billing.arrears.following import outstanding_penalties
from gridhall.billing.arrears.operations import scan
from gridhall.billing.arrears.outages import operations as outages
from gridhall.billing.arrears.outages.model import CHANNELS, Outage
from gridhall.billing.arrears.scoring import chance
from gridhall.billing.arrears.states import State
from gridhall.billing.opening import open_billing
from gridhall.billing.regions import regions
from gridhall.billing.services import Billing
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, console, listing, print_json, refuse, report
from gridhall.kit.localdays import Month, local_day
from gridhall.kit.money import yuan
from gridhall.kit.settings import settings

app = typer.Typer(no_args_is_help=True, help="Arrears (催费): what is overdue, and what is done about it.")

Region = Annotated[str, typer.Option(help="Code of the region.")]
Unit = Annotated[
    str, typer.Option(help="Unit of the organisation, with those below it; all of the region where absent.")
]
Number = Annotated[str, typer.Argument(help="The account number (户号).")]


@app.command("aging")
def show_aging(*, region: Region, unit: Unit = "", json: AsJson = False) -> None:
    """Show what is overdue by age and class, the recovery rate of the last months, and days outstanding."""
    asyncio.run(_aging(_checked(region), unit, json=json))


@app.command("queue")
def show_queue(
    *,
    region: Region,
    unit: Unit = "",
    state: Annotated[list[State] | None, typer.Option(help="Only these; all where absent.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Accounts at most.")] = 20,
    json: AsJson = False,
) -> None:
    """List the accounts to see to, the most to be expected first, with the reasons."""
    asyncio.run(_queue(_checked(region), unit, list(state or State), limit, json=json))


@app.command("scan")
def scan_now(*, region: Region, json: AsJson = False) -> None:
    """Take the steps of today that have come, and propose the cuts that may be. The same scan again does nothing."""
    asyncio.run(_scan(_checked(region), json=json))


@app.command("show")
def show_account(number: Number, *, json: AsJson = False) -> None:
    """Show where an account stands: its state, what it owes, its penalties, and every step with who and why."""
    asyncio.run(_show(number, json=json))


@app.command("outage")
def note_outage(
    channel: Annotated[str, typer.Argument(help="online (all providers), one of them, counter or bank.")],
    *,
    began: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%dT%H:%M"], help="Local time.")],
    ended: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%dT%H:%M"], help="Local time; absent while it lasts.")
    ] = None,
    by: Annotated[str, typer.Option(help="Who says so; kept with it.")],
    note: Annotated[str, typer.Option(help="Why it was down.")] = "",
) -> None:
    """Note that a payment channel was down, or correct it: no penalty runs on the days it touches, or stays posted."""
    if ended is not None and ended <= began:
        raise refuse("--to must be later than --from")
    if channel not in (channels := sorted({*CHANNELS, *settings().pay_providers})):
        raise refuse(f"channel: {channel!r} is none of ours; there are {', '.join(channels)}")
    asyncio.run(_outage(channel, began, ended, by, note))


@app.command("outages")
def list_outages(
    *,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back.")] = 90,
    json: AsJson = False,
) -> None:
    """List when payment channels were down: what was noted by people, and what was found (by gridhall)."""
    asyncio.run(_outages(days, json=json))


async def _aging(region: str, unit: str, *, json: bool) -> None:
    async with open_billing() as billing:
        today = _today()
        aged = await aging(debts=billing.arrears.following.debts, region=region, unit=unit, today=today)
        months = await recovery(bills=billing.bills, region=region, unit=unit, until=Month.of(today))
    outstanding = days_outstanding(months)
    if json:
        print_json(
            {
                "aging": [
                    {"age": AGES[one.age], "class": one.supply_class, "fen": one.fen, "bills": one.bills}
                    for one in sorted(aged, key=lambda one: (one.age, one.supply_class))
                ],
                "months": [
                    {"month": str(one.month), "billed": one.billed, "paid": one.paid, "rate": one.rate}
                    for one in months
                ],
                "days_outstanding": outstanding,
            }
        )
        return
    rows = [
        (AGES[one.age], str(one.supply_class), str(yuan(one.fen)), one.bills)
        for one in sorted(aged, key=lambda one: (one.age, one.supply_class))
    ]
    listing(f"Overdue in {region} {unit}".strip(), ("days", "class", "yuan", "bills"), rows, json=False)
    listing(
        "Recovery by month of the bill",
        ("month", "billed", "paid", "rate"),
        [
            (
                str(one.month),
                str(yuan(one.billed)),
                str(yuan(one.paid)),
                f"{one.rate:.2%}" if one.rate is not None else "",
            )
            for one in months
        ],
        json=False,
    )
    console.print(f"days outstanding: {outstanding if outstanding is not None else 'nothing was billed'}")


async def _queue(region: str, unit: str, states: list[State], limit: int, *, json: bool) -> None:
    async with open_billing() as billing:
        following = billing.arrears.following
        found = await following.pursuits.queue(region=region, units=[unit], states=states, after=None, limit=limit)
        accounts = await billing.accounts.load({one.account_id for one in found})
    today = _today()
    rows = []
    for one in found:
        likely = chance(overdue=one.overdue, oldest_due=one.oldest_due, record=one.record, today=today)
        why = "; ".join(
            f"{reason.code} {', '.join(f'{name} {value}' for name, value in reason.params)}"
            for reason in likely.reasons
        )
        number = accounts[one.account_id].number if one.account_id in accounts else ""
        rows.append(
            (number, str(one.state), str(yuan(one.overdue)), str(likely.share), str(yuan(likely.expected)), why)
        )
    listing(f"Queue of {region}", ("account", "state", "overdue", "chance", "expected", "why"), rows, json=json)


async def _scan(region: str, *, json: bool) -> None:
    async with open_billing() as billing:
        now = SystemClock().now()
        reminded = await scan(arrears=billing.arrears, region=region, today=_today(), now=now)
        proposed = await propose_due(cutting=billing.follow_up.cutting, region=region, now=now)
    report({"reminded": reminded, "proposed": proposed}, json=json, title=f"Arrears of {region}")


async def _show(number: str, *, json: bool) -> None:
    async with open_billing() as billing:
        account_id = await _account(billing, number)
        following = billing.arrears.following
        pursuit = (await following.pursuits.load([account_id])).get(account_id)
        penalties = await outstanding_penalties(following=following, account_id=account_id, today=_today())
    found = {
        "state": str(pursuit.state if pursuit else State.CURRENT),
        "overdue": str(yuan(pursuit.overdue if pursuit else 0)),
        "penalties": str(yuan(sum(penalties.values()))),
        "oldest due": str(pursuit.oldest_due if pursuit and pursuit.oldest_due else ""),
    }
    history = [
        {"at": entry.at, "by": entry.by, "event": entry.event, "state": str(entry.state), "note": entry.note}
        for entry in (pursuit.history if pursuit else ())
    ]
    if json:
        print_json({**found, "history": history})
        return
    report(found, json=False, title=f"Account {number}")
    columns = ("at", "by", "event", "state", "note")
    listing("History", columns, [tuple(entry.values()) for entry in history], json=False)


async def _outage(channel: str, began: datetime, ended: datetime | None, by: str, note: str) -> None:
    zone = ZoneInfo(settings().time_zone)
    async with open_billing() as billing:
        until = ended.replace(tzinfo=zone) if ended else None
        outage = Outage(channel, began.replace(tzinfo=zone), until, by, note)
        await outages.note(noting=billing.watching.noting, outage=outage, now=SystemClock().now())
    console.print(f"{channel}: noted; the worker takes penalties of its days back", highlight=False)


async def _outages(days: int, *, json: bool) -> None:
    now, zone = SystemClock().now(), ZoneInfo(settings().time_zone)
    async with open_billing() as billing:
        found = await billing.arrears.following.outages.touching(since=now - timedelta(days=days), until=now)

    def local(at: datetime | None) -> str:
        return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}" if at else ""

    rows = [(one.channel, local(one.began_at), local(one.ended_at), one.by, one.note) for one in found]
    listing("Outages", ("channel", "from", "to", "by", "note"), rows, json=json)


async def _account(billing: Billing, number: str) -> AccountId:
    found = await billing.accounts.by_number(number)
    if found is None:
        raise refuse(f"account {number} is not known")
    return found


def _today() -> date:
    return local_day(SystemClock().now(), settings().time_zone)


def _checked(region: str) -> str:
    if region not in regions():
        raise refuse(f"--region: {region!r} is not served; there are {', '.join(sorted(regions()))}")
    return region
