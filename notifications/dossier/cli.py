"""`gridhall arrears file`: the file of an account for the legal route."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from gridhall.billing.opening import open_billing
from gridhall.crm.access.repository import HolderRepository
from gridhall.crm.customers.repository import CustomerRepository
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import console, refuse
from gridhall.kit.keys import field_codec
from gridhall.kit.settings import settings
from gridhall.kit.subject import Refusal
from gridhall.notifications.dossier.making import Dossiers


def write_file(
    number: Annotated[str, typer.Argument(help="The account number (户号).")],
    *,
    to: Annotated[Path, typer.Option(help="Folder to write the ZIP into.", exists=True, file_okay=False)] = Path(),
) -> None:
    """Write the file of an account for the legal route: a paper to read, and every record behind it with the photos."""
    asyncio.run(_write(number, to))


async def _write(number: str, to: Path) -> None:
    chosen = settings()
    async with open_billing() as billing:
        account_id = await billing.accounts.by_number(number)
        if account_id is None:
            raise refuse(f"account {number} is not known")
        mongo = billing.arrears.mongo
        dossiers = Dossiers(
            follow_up=billing.follow_up,
            customers=CustomerRepository(mongo, field_codec(chosen)),
            holders=HolderRepository(mongo),
            zone=chosen.time_zone,
        )
        made = await dossiers.of(account_id, now=SystemClock().now())
    if isinstance(made, Refusal):
        raise refuse(f"account {number} is not known")
    path = to / made.name
    path.write_bytes(made.content)
    console.print(str(path), highlight=False)
