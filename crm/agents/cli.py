"""Commands of agents. A password is never an argument: arguments are seen by everybody on the machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from gridhall.billing.regions import regions
from gridhall.billing.services import Billing
from gridhall.crm.agents.model import Agent, AgentGrant, AgentRole, BadAgentError, checked_grant
from gridhall.crm.agents.operations import Agents, add_agent, reset_password
from gridhall.crm.agents.passwords import LENGTHS, one_time_password
from gridhall.crm.agents.repository import AgentRepository, NameTakenError
from gridhall.crm.services import People
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import console, refuse
from gridhall.kit.keys import field_codec
from gridhall.kit.runtime import open_mongo
from gridhall.kit.settings import settings
from gridhall.kit.subject import Refusal

app = typer.Typer(no_args_is_help=True, help="Agents at the desk (坐席, 复核, 班长).")

Name = Annotated[str, typer.Argument(help="What is typed at sign-in: a-z, 0-9 and .-_")]


@app.command()
def add(
    name: Name,
    role: Annotated[AgentRole, typer.Option(help="What the agent does.")],
    region: Annotated[list[str], typer.Option(help="A region, or `all` for a supervisor; may be repeated.")],
    *,
    org_path: Annotated[str, typer.Option(help="Only this organisation and those below it.")] = "",
    prompt: Annotated[bool, typer.Option("--prompt", help="Ask for the password instead of making one.")] = False,
) -> None:
    """Add an agent, and print a one-time password to be changed at first sign-in."""
    if unknown := set(region) - {"all", *regions()}:
        raise refuse(f"--region: {', '.join(sorted(unknown))} is not served; there are all, {', '.join(regions())}")
    try:
        grants = tuple(checked_grant(role, None if one == "all" else one, org_path) for one in region)
        password = _asked() if prompt else one_time_password()
        added = asyncio.run(_add(name, grants, password, must_change=not prompt))
    except (BadAgentError, NameTakenError) as error:
        raise refuse(f"{error}") from None
    if isinstance(added, Refusal):
        raise refuse(f"password: must be {LENGTHS.start} to {LENGTHS.stop - 1} characters")
    _tell(added, password, shown=not prompt)


@app.command()
def reset(name: Name) -> None:
    """Give an agent a new one-time password."""
    password = one_time_password()
    try:
        agent = asyncio.run(_reset(name, password))
    except BadAgentError as error:
        raise refuse(f"{error}") from None
    if agent is None:
        raise refuse(f"name: there is no agent {name}")
    _tell(agent, password, shown=True)


@app.command()
def close(name: Name) -> None:
    """Let an agent in no more; open sessions end with their access tokens' next use."""
    if not asyncio.run(_close(name)):
        raise refuse(f"name: there is no agent {name}")
    console.print(f"closed {name}")


def _asked() -> str:
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _tell(agent: Agent, password: str, *, shown: bool) -> None:
    console.print(f"{agent.name} may sign in at POST /v1/sign-in/agent")
    if shown:
        console.print(f"one-time password: {password}", markup=False, highlight=False)
        console.print("It has to be changed first, at POST /v1/sign-in/agent/password.")


@asynccontextmanager
async def _open() -> AsyncIterator[Agents]:
    chosen = settings()
    async with open_mongo(chosen) as mongo:
        codec = field_codec(chosen)
        await mongo.ensure_indexes({AgentRepository.collection_name: AgentRepository.indexes})
        billing = Billing.open(mongo=mongo, codec=codec, settings=chosen)
        yield People.open(mongo=mongo, codec=codec, settings=chosen, billing=billing).agents


async def _add(name: str, grants: tuple[AgentGrant, ...], password: str, *, must_change: bool) -> Agent | Refusal:
    async with _open() as agents:
        now = SystemClock().now()
        return await add_agent(
            agents=agents, name=name, grants=grants, password=password, must_change=must_change, now=now
        )


async def _reset(name: str, password: str) -> Agent | None:
    async with _open() as agents:
        return await reset_password(agents=agents, name=name, password=password, now=SystemClock().now())


async def _close(name: str) -> bool:
    async with _open() as agents:
        found = await agents.agents.by_name(name)
        if found:
            await agents.agents.close(found[0].id, now=SystemClock().now())
        return found is not None
