"""Adding agents, signing them in, changing passwords."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from gridhall.crm.agents.model import Agent, AgentGrant, AgentId, checked_name
from gridhall.crm.agents.passwords import LENGTHS, Passwords
from gridhall.crm.agents.repository import AgentRepository, TryRepository
from gridhall.crm.audit.model import Action, AuditEntry
from gridhall.crm.audit.repository import AuditRepository
from gridhall.kit.ids import new_id
from gridhall.kit.subject import Refusal

WRONG = Refusal("agents.wrong")
LOCKED = Refusal("agents.locked")
CHANGE_FIRST = Refusal("agents.change_password_first")
BAD_PASSWORD = Refusal("agents.bad_password", {"least": LENGTHS.start, "most": LENGTHS.stop - 1})


@dataclass(frozen=True, slots=True)
class Agents:
    """What the agents' operations need at hand.

    tries: how many wrong passwords lock a name, known or not. pause: for how long.
    """

    agents: AgentRepository
    counts: TryRepository
    audit: AuditRepository
    passwords: Passwords
    tries: int
    pause: timedelta


async def add_agent(
    *, agents: Agents, name: str, grants: tuple[AgentGrant, ...], password: str, must_change: bool, now: datetime
) -> Agent | Refusal:
    """Add an agent. Raises BadAgentError for a bad name and NameTakenError for one that is taken."""
    agent = Agent(AgentId(new_id()), checked_name(name), grants, must_change)
    if len(password) not in LENGTHS:
        return BAD_PASSWORD
    await agents.agents.add(agent, password=await agents.passwords.hash(password), now=now)
    return agent


async def sign_in(*, agents: Agents, name: str, password: str, now: datetime) -> Agent | Refusal:
    """Return the agent whose name and password these are.

    An unknown name costs and answers what a wrong password does, and is locked alike. Every sign-in is audited.
    """
    found = await _proven(agents, name, password, now=now)
    if isinstance(found, Refusal):
        return found
    agent, kept = found
    if agent.must_change:
        return CHANGE_FIRST
    if agents.passwords.is_old(kept):
        again = await agents.passwords.hash(password)
        await agents.agents.set_password(agent.id, old=kept, new=again, must_change=False)
    await agents.audit.add(AuditEntry(new_id(), now, Action.SIGNED_IN, agent.id, agent.name))
    return agent


async def change_password(
    *, agents: Agents, name: str, password: str, new_password: str, now: datetime
) -> Agent | Refusal:
    """Give an agent who proves the present password another one; it is no one-time password any more."""
    if len(new_password) not in LENGTHS or secrets.compare_digest(new_password.encode(), password.encode()):
        return BAD_PASSWORD
    found = await _proven(agents, name, password, now=now)
    if isinstance(found, Refusal):
        return found
    agent, kept = found
    fresh = await agents.passwords.hash(new_password)
    if not await agents.agents.set_password(agent.id, old=kept, new=fresh, must_change=False):
        return WRONG
    await agents.audit.add(AuditEntry(new_id(), now, Action.PASSWORD_CHANGED, agent.id, agent.name))
    return agent


async def reset_password(*, agents: Agents, name: str, password: str, now: datetime) -> Agent | None:
    """Give an agent a one-time password, from the command line; None where there is no such agent."""
    found = await agents.agents.by_name(checked_name(name))
    if found is None:
        return None
    agent, kept = found
    fresh = await agents.passwords.hash(password)
    await agents.agents.set_password(agent.id, old=kept, new=fresh, must_change=True)
    await agents.counts.forget(agent.name)
    await agents.audit.add(AuditEntry(new_id(), now, Action.PASSWORD_RESET, agent.id, agent.name))
    return agent


async def _proven(agents: Agents, name: str, password: str, *, now: datetime) -> tuple[Agent, str] | Refusal:
    """Return the agent and the kept hash. The try is counted first, so that many at once are not more than many."""
    tried = name.strip().lower()
    allowed = await agents.counts.count(tried, most=agents.tries, pause=agents.pause, now=now)
    found = await agents.agents.by_name(tried)
    agent, kept = found or (None, None)
    if allowed and await agents.passwords.verify(password, kept=kept) and found:
        await agents.counts.forget(tried)
        return found
    refusal = WRONG if allowed else LOCKED
    # An unknown name is not written down: it may be a password in the wrong field.
    entry = AuditEntry(
        new_id(),
        now,
        Action.SIGN_IN_REFUSED,
        agent.id if agent else None,
        agent.name if agent else "",
        reason=refusal.code,
    )
    await agents.audit.add(entry)
    return refusal
