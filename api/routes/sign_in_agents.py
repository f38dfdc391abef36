"""Agents sign in by name and password; their tokens are good for the desk and for nothing of a customer's."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from gridhall.api.problems import ProblemError
from gridhall.api.routes.sign_in import Refresh, Tokens
from gridhall.api.state import State, state_of
from gridhall.crm.agents.model import Agent, AgentId
from gridhall.crm.agents.operations import LOCKED, change_password
from gridhall.crm.agents.operations import sign_in as prove
from gridhall.kit.subject import Refusal

router = APIRouter(prefix="/v1/sign-in/agent", tags=["sign-in"])

_NAME = Field(min_length=1, max_length=64, examples=["zhou.min"])
_PASSWORD = Field(min_length=1, max_length=256)


class AgentSignIn(BaseModel):
    """Who it is, and the password."""

    name: str = _NAME
    password: str = _PASSWORD


class ChangePassword(AgentSignIn):
    """The password as it is and as it is to be."""

    new_password: str = _PASSWORD


@router.post("")
async def sign_in(request: Request, given: AgentSignIn) -> Tokens:
    """Sign in by name and password."""
    state = state_of(request)
    found = await prove(
        agents=state.hall.people.agents, name=given.name, password=given.password, now=state.clock.now()
    )
    return await _first_tokens(state, found)


@router.post("/password")
async def password(request: Request, given: ChangePassword) -> Tokens:
    """Choose another password, and be signed in by it; every other sign-in of the agent ends."""
    state = state_of(request)
    found = await change_password(
        agents=state.hall.people.agents,
        name=given.name,
        password=given.password,
        new_password=given.new_password,
        now=state.clock.now(),
    )
    if not isinstance(found, Refusal):
        await state.desk_refresh_tokens.end_all(found.id)
    return await _first_tokens(state, found)


@router.post("/refresh")
async def refresh(request: Request, given: Refresh) -> Tokens:
    """Exchange a refresh token; it is good once, and not for an agent who was closed meanwhile."""
    state = state_of(request)
    exchanged = await state.desk_refresh_tokens.exchange(given.refresh_token, now=state.clock.now())
    agent = await state.agents.load(AgentId(exchanged[0])) if exchanged else None
    if exchanged is None or agent is None or agent.must_change:
        raise ProblemError("tokens.ended")
    return _tokens(state, agent, exchanged[1])


@router.post("/out", status_code=204)
async def sign_out(request: Request, given: Refresh) -> None:
    """End the sign-in to which a refresh token belongs."""
    await state_of(request).desk_refresh_tokens.end(given.refresh_token)


async def _first_tokens(state: State, found: Agent | Refusal) -> Tokens:
    if isinstance(found, Refusal):
        wait = {"Retry-After": str(60 * state.settings.agent_lock_minutes)} if found == LOCKED else None
        raise ProblemError(found.code, found.params, headers=wait)
    return _tokens(state, found, await state.desk_refresh_tokens.first(found.id, now=state.clock.now()))


def _tokens(state: State, agent: Agent, refresh_token: str) -> Tokens:
    access = state.desk_tokens.sign(agent.id, now=state.clock.now())
    return Tokens(access_token=access.text, expires_at=access.expires_at.isoformat(), refresh_token=refresh_token)
