"""`gridhall feed client`: who may feed over the network."""

import asyncio
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, errors, print_json, refuse, report, table
from gridhall.metering.feed.clients import (
    KEPT_AFTER_ROTATION,
    READINGS,
    BadClientError,
    FeedClient,
    Scope,
    add_client,
    revoke_client,
    rotate_token,
)
from gridhall.metering.services import open_metering

app = typer.Typer(name="client", help="Who may feed over the network.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the client: a-z, 0-9 and -.")]
_KEEP_HOURS = int(KEPT_AFTER_ROTATION / timedelta(hours=1))
_SHOWN_ONCE = "Keep the token: it is shown only now"


class ScopeChoice(StrEnum):
    """The scopes, as the command line can offer them."""

    READINGS = "readings"
    BILLS = "bills"


@app.command()
def add(
    *,
    name: Name,
    region: Annotated[list[str], typer.Option(help="Region whose meters it may write; may be given several times.")],
    org: Annotated[
        list[str] | None,
        typer.Option(help="Organisation, with all below it, to narrow that to; may be given several times."),
    ] = None,
    scope: Annotated[
        list[ScopeChoice] | None,
        typer.Option(help="What it may hand in; readings, unless said. May be given several times."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add a feed client and print its token, which is shown only now."""
    try:
        token, empty = asyncio.run(_add(name, region, org or [], _scopes(scope)))
    except BadClientError as error:
        raise refuse(str(error)) from None
    for one in empty:
        errors.print(f"no service point lies in {one} yet; is it the region's code?", markup=False, highlight=False)
    regions, orgs = sorted(set(region)), sorted(set(org or []))
    told = {"regions": regions, "orgPaths": orgs} if as_json else {"regions": ", ".join(regions), "orgs": _all(orgs)}
    report({"name": name, **told, "token": token}, json=as_json, title=_SHOWN_ONCE)


@app.command("list")
def list_clients(
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Clients at most.")] = 100,
    after: Annotated[str | None, typer.Option(metavar="NAME", help="Go on behind this client.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the feed clients, those that were revoked too."""
    clients, now = asyncio.run(_page(after, limit)), SystemClock().now()
    if as_json:
        print_json([_plain(client, now) for client in clients])
        return
    rows = [
        (
            client.name,
            ", ".join(sorted(client.regions)),
            _all(sorted(client.org_paths)),
            f"{client.created_at:%Y-%m-%d}",
            f"revoked {client.revoked_at:%Y-%m-%d}" if client.revoked_at else _tokens(client, now),
        )
        for client in clients
    ]
    table("Feed clients", ("name", "regions", "organisations", "since", "tokens"), rows)


@app.command()
def rotate(
    *,
    name: Name,
    keep_hours: Annotated[
        int, typer.Option(min=0, max=24 * 90, help="Hours for which the token before stays good beside the new one.")
    ] = _KEEP_HOURS,
    as_json: AsJson = False,
) -> None:
    """Give a client a new token and print it; the one before stays good for a while."""
    try:
        token, ends_at = asyncio.run(_rotate(name, timedelta(hours=keep_hours)))
    except BadClientError as error:
        raise refuse(str(error)) from None
    told = {"name": name, "token": token, "tokenBeforeEnds": ends_at.isoformat(timespec="seconds")}
    report(told, json=as_json, title=_SHOWN_ONCE)


@app.command()
def revoke(*, name: Name, as_json: AsJson = False) -> None:
    """End a client and all of its tokens for good; a consumer of the stream believes it for 30 seconds longer."""
    try:
        asyncio.run(_revoke(name))
    except BadClientError as error:
        raise refuse(str(error)) from None
    report({"name": name, "revoked": True}, json=as_json, title="Revoked")


def _scopes(chosen: list[ScopeChoice] | None) -> list[Scope]:
    return [one.value for one in chosen] if chosen else sorted(READINGS)


async def _add(name: str, regions: list[str], orgs: list[str], scopes: list[Scope]) -> tuple[str, list[str]]:
    """Add the client; return its token, and those of its regions in which there is no point."""
    async with open_metering() as metering:
        now = SystemClock().now()
        token = await add_client(
            name=name, regions=regions, org_paths=orgs, scopes=scopes, clients=metering.clients, now=now
        )
        return token, [one for one in regions if not await metering.points.page(region=one, limit=1)]


async def _page(after: str | None, limit: int) -> list[FeedClient]:
    async with open_metering() as metering:
        return await metering.clients.page(after=after, limit=limit)


async def _rotate(name: str, keep: timedelta) -> tuple[str, datetime]:
    async with open_metering() as metering:
        return await rotate_token(name=name, clients=metering.clients, now=SystemClock().now(), keep=keep)


async def _revoke(name: str) -> None:
    async with open_metering() as metering:
        await revoke_client(name=name, clients=metering.clients, now=SystemClock().now())


def _all(names: list[str]) -> str:
    return ", ".join(names) or "all"


def _tokens(client: FeedClient, now: datetime) -> str:
    good = [token for token in client.tokens if token.is_good(now=now)]
    return ", ".join(f"until {one.ends_at:%Y-%m-%d %H:%M}Z" if one.ends_at else "newest" for one in good)


def _plain(client: FeedClient, now: datetime) -> dict[str, object]:
    return {
        "name": client.name,
        "regions": sorted(client.regions),
        "orgPaths": sorted(client.org_paths),
        "scopes": sorted(client.scopes),
        "createdAt": client.created_at.isoformat(),
        "revokedAt": client.revoked_at.isoformat() if client.revoked_at else None,
        "tokens": [
            {"createdAt": one.created_at.isoformat(), "endsAt": one.ends_at.isoformat() if one.ends_at else None}
            for one in client.tokens
            if one.is_good(now=now)
        ],
    }
