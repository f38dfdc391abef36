"""Commands of customers: exact search, with personal data masked."""

import asyncio
from typing import Annotated

import typer

from gridhall.billing.services import Billing
from gridhall.crm.customers.model import Customer, masked_name
from gridhall.crm.customers.phone import BadPhoneError, masked_phone
from gridhall.crm.customers.queries import find_by_account_number, find_by_phone
from gridhall.crm.services import People
from gridhall.kit.console import AsJson, print_json, refuse, table
from gridhall.kit.keys import field_codec
from gridhall.kit.runtime import open_mongo
from gridhall.kit.settings import settings

app = typer.Typer(no_args_is_help=True, help="Customers (客户).")


@app.command()
def find(
    *,
    phone: Annotated[str | None, typer.Option(help="The whole phone number.")] = None,
    account: Annotated[str | None, typer.Option(help="The whole account number (户号).")] = None,
    json: AsJson = False,
) -> None:
    """Find customers by exactly a phone or an account number; what is shown is masked."""
    if (phone is None) == (account is None):
        raise refuse("give one of --phone and --account")
    try:
        found = asyncio.run(_find(phone, account))
    except BadPhoneError as error:
        raise refuse(f"--{error}") from None
    rows = [_row(customer) for customer in found]
    if json:
        print_json(rows)
    else:
        table("Customers", ("id", "name", "phone", "accounts"), [tuple(row.values()) for row in rows])


async def _find(phone: str | None, account: str | None) -> list[Customer]:
    chosen = settings()
    async with open_mongo(chosen) as mongo:
        codec = field_codec(chosen)
        billing = Billing.open(mongo=mongo, codec=codec, settings=chosen)
        people = People.open(mongo=mongo, codec=codec, settings=chosen, billing=billing)
        if phone is not None:
            customer = await find_by_phone(customers=people.customers, phone=phone)
            return [customer] if customer else []
        return await find_by_account_number(
            customers=people.customers, accounts=billing.accounts, holders=people.holders, number=account or ""
        )


def _row(customer: Customer) -> dict[str, object]:
    return {
        "id": str(customer.id),
        "name": masked_name(customer.name) if customer.name else "",
        "phone": masked_phone(customer.phone),
        "accounts": len(customer.bindings),
    }
