"""The commands that reconcile: a provider's day, and a bank's statement."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import httpx
import typer

from gridhall.billing.bank.cli import Format, chosen_format, run
from gridhall.billing.bank.transfers import Imported
from gridhall.billing.opening import open_billing
from gridhall.billing.payments.port import ProviderUnavailableError, StatementNotReadyError
from gridhall.billing.payments.providers import open_providers
from gridhall.billing.reconciliation.model import Reconciliation
from gridhall.billing.reconciliation.operations import reconcile
from gridhall.billing.reconciliation.transfers import take_statement
from gridhall.billing.regions import regions
from gridhall.billing.services import Billing
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, listing, refuse, report
from gridhall.kit.money import yuan
from gridhall.kit.settings import settings


def reconcile_day(
    *,
    provider: Annotated[str, typer.Option(help="wechatpay or alipay.")],
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The local day, like 2026-11-21.")],
    json: AsJson = False,
) -> None:
    """Compare a provider's statement of a day with what is posted. Exit code 1 where they differ."""
    if provider not in settings().pay_providers:
        raise refuse(f"provider: {provider!r} is not offered; there are {', '.join(sorted(settings().pay_providers))}")
    try:
        told = asyncio.run(_reconcile(provider, day))
    except StatementNotReadyError:
        raise refuse(f"day: {provider} has not made its statement of {day:%Y-%m-%d} yet") from None
    except ProviderUnavailableError as error:
        raise refuse(f"provider: {provider} does not answer ({error}); nothing was changed") from None
    if not json and told.differences:
        rows = [
            (str(one.difference), one.number, str(yuan(one.theirs)), str(yuan(one.ours))) for one in told.differences
        ]
        listing("Differences, each of them a case", ("difference", "number", "theirs", "ours"), rows, json=False)
    report(
        {
            "provider": told.provider,
            "day": f"{told.day}",
            "lines": told.lines,
            "matched": told.matched,
            "recovered": told.recovered,
            "differing": told.differing,
            "theirs_fen": told.theirs,
            "ours_fen": told.ours,
        },
        json=json,
        title="Reconciliation",
    )
    if not told.agrees:
        raise typer.Exit(1)


async def _reconcile(provider: str, day: datetime) -> Reconciliation:
    chosen, clock = settings(), SystemClock()
    async with open_billing() as billing, httpx.AsyncClient(timeout=chosen.outside_timeout_seconds) as http:
        opened = open_providers(chosen, http=http, clock=clock, noted=billing.watching.pulse)
        return await reconcile(
            reconciling=billing.reconciling, provider=opened[provider], day=day.date(), now=clock.now()
        )


def take_bank_statement(
    *,
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    region: Annotated[str, typer.Option(help="Region whose accountants look into money of nobody.")],
    form: Format = "plain",
    json: AsJson = False,
) -> None:
    """Take a bank's statement of transfers and reconcile its days. Taken again it changes nothing."""
    chosen, raw = chosen_format(form), path.read_bytes()
    if region not in regions():
        raise refuse(f"--region: {region!r} is not served; there are {', '.join(sorted(regions()))}")

    async def work(billing: Billing, now: datetime) -> Imported:
        return await take_statement(
            reconciling=billing.reconciling,
            transfers=billing.transfers,
            form=chosen,
            raw=raw,
            region=region,
            now=now,
        )

    told = run(work)
    figures = {"matched": told.matched, "suspense": told.suspense, "known": told.known, "total_fen": told.total}
    report(figures, json=json, title="Statement")
