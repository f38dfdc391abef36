"""Commands of the field system's side: who may act as one, and what waits for it."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any, Final

import typer

from gridhall.billing.field.operations import look_after, to_do
from gridhall.billing.opening import open_billing
from gridhall.billing.regions import regions
from gridhall.billing.supply.model import OPEN, SupplyRequest
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, listing, refuse, report
from gridhall.metering.feed.clients import BadClientError, add_client, revoke_client, rotate_token

app = typer.Typer(no_args_is_help=True, help="The field system: who acts as one, and what waits for it.")
client = typer.Typer(no_args_is_help=True, help="Who may act as a field system.")
app.add_typer(client, name="client")

Region = Annotated[str, typer.Option(help="Code of the region.")]
Name = Annotated[str, typer.Argument(help="Name of the client: a-z, 0-9 and -.")]

_AHEAD: Final = timedelta(days=60)
"""The hour of a request lies less far ahead: the longest row of holidays and their eves is shorter."""


@client.command()
def add(
    *,
    name: Name,
    region: Annotated[list[str], typer.Option(help="Region that it serves; may be given several times.")],
    json: AsJson = False,
) -> None:
    """Add a field system and print its token, which is shown only now."""
    _check(*region)

    async def work() -> str:
        async with open_billing() as billing:
            now = SystemClock().now()
            return await add_client(name=name, regions=region, clients=billing.field_work.clients, now=now)

    token = _or_refuse(work)
    report({"name": name, "regions": ", ".join(sorted(region)), "token": token}, json=json, title="Keep the token")


@client.command()
def rotate(*, name: Name, json: AsJson = False) -> None:
    """Give a field system a new token; the one before stays good for a day."""

    async def work() -> str:
        async with open_billing() as billing:
            now = SystemClock().now()
            return (await rotate_token(name=name, clients=billing.field_work.clients, now=now))[0]

    report({"name": name, "token": _or_refuse(work)}, json=json, title="Keep the token")


@client.command()
def revoke(*, name: Name, json: AsJson = False) -> None:
    """End a field system and its tokens, at once and for good."""

    async def work() -> str:
        async with open_billing() as billing:
            await revoke_client(name=name, clients=billing.field_work.clients, now=SystemClock().now())
            return name

    report({"name": _or_refuse(work), "revoked": True}, json=json, title="Revoked")


@app.command("requests")
def show_requests(
    *, region: Region, limit: Annotated[int, typer.Option(min=1, max=1000)] = 50, json: AsJson = False
) -> None:
    """List what waits to be taken, now or at its hour, and what was taken and is not done."""
    _check(region)

    async def work() -> list[SupplyRequest]:
        async with open_billing() as billing:
            # A cut that was approved waits for a lawful hour; whoever approved it wants to see it meanwhile.
            now, found = SystemClock().now() + _AHEAD, list[SupplyRequest]()
            for state in sorted(OPEN):
                found += await to_do(
                    work=billing.field_work, regions=[region], state=state, after=None, limit=limit, now=now
                )
            return found

    rows = [
        (str(one.id), str(one.kind), str(one.state), one.reason, f"{one.not_before:%Y-%m-%d %H:%M}Z", one.tries)
        for one in asyncio.run(work())[:limit]
    ]
    listing(f"Requests of {region}", ("id", "kind", "state", "for", "not before", "tries"), rows, json=json)


@app.command("look")
def look_now(*, region: Region, json: AsJson = False) -> None:
    """Withdraw cuts that nobody took, ask again for what was left undone, and open cases."""
    _check(region)

    async def work() -> int:
        async with open_billing() as billing:
            return await look_after(work=billing.field_work, region=region, now=SystemClock().now())

    report({"moved": asyncio.run(work())}, json=json, title=f"Requests of {region}")


def _check(*named: str) -> None:
    if unknown := sorted(set(named) - set(regions())):
        raise refuse(f"--region: {unknown[0]!r} is not served; there are {', '.join(sorted(regions()))}")


def _or_refuse(work: Callable[[], Coroutine[Any, Any, str]]) -> str:
    try:
        return asyncio.run(work())
    except BadClientError as error:
        raise refuse(str(error)) from None
