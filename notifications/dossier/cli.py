"""`gridhall arrears file`: the file of an account for the legal route."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from gridhall.billing.opening import open_billing
from gridhall.crm.access.repository import HolderRepository
from gridhall.crm.audit.operations import BAD_REASON
from gridhall.crm.audit.repository import AuditRepository
from gridhall.crm.customers.repository import CustomerRepository
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import console, refuse
from gridhall.kit.keys import field_codec
from gridhall.kit.said import REASON_LENGTHS
from gridhall.kit.settings import settings
from gridhall.kit.subject import Refusal
from gridhall.notifications.dossier.making import Dossiers


def write_file(
    number: Annotated[str, typer.Argument(help="The account number (户号).")],
    *,
    by: Annotated[str, typer.Option(help="Who asks for it; kept in the audit trail.")],
    reason: Annotated[str, typer.Option(help="Why it is made; kept with it.")],
    to: Annotated[Path, typer.Option(help="Folder to write the ZIP into.", exists=True, file_okay=False)] = Path(),
) -> None:
    """Write the file of an account for the legal route: a paper to read, and every record behind it with the photos."""
    if not by.strip():
        raise refuse("--by must name who asks for it")
    asyncio.run(_write(number, to, by=by.strip(), reason=reason))


async def _write(number: str, to: Path, *, by: str, reason: str) -> None:
    chosen = settings()
    codec = field_codec(chosen)
    async with open_billing() as billing:
        account_id = await billing.accounts.by_number(number)
        if account_id is None:
            raise refuse(f"account {number} is not known")
        mongo = billing.arrears.mongo
        dossiers = Dossiers(
            follow_up=billing.follow_up,
            customers=CustomerRepository(mongo, codec),
            holders=HolderRepository(mongo),
            audit=AuditRepository(mongo, codec),
            zone=chosen.time_zone,
        )
        made = await dossiers.of(account_id, by=by, reason=reason, now=SystemClock().now())
    if made is BAD_REASON:
        raise refuse(f"--reason must say why, in {REASON_LENGTHS.start} to {REASON_LENGTHS.stop - 1} characters")
    if isinstance(made, Refusal):
        raise refuse(f"account {number} is not known")
    path = to / made.name
    path.write_bytes(made.content)
    console.print(str(path), highlight=False)
