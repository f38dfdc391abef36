"""Agents at the desk, added as the command line adds them."""

from gridhall.api.state import State
from gridhall.crm.agents.model import Agent, AgentGrant, AgentRole, District
from gridhall.crm.agents.operations import add_agent

PASSWORD = "correct horse battery"


async def an_agent(
    state: State,
    name: str = "zhou.min",
    *,
    role: AgentRole = AgentRole.AGENT,
    region: str | None = "zhejiang",
    org_path: str = "",
    must_change: bool = False,
) -> Agent:
    """An agent whose password is `PASSWORD`."""
    agent = await add_agent(
        agents=state.hall.people.agents,
        name=name,
        grants=(AgentGrant(role, District(region, org_path)),),
        password=PASSWORD,
        must_change=must_change,
        now=state.clock.now(),
    )
    assert isinstance(agent, Agent)
    return agent


def headers_of(state: State, agent: Agent) -> dict[str, str]:
    """What a signed-in agent's requests carry."""
    token = state.desk_tokens.sign(agent.id, now=state.clock.now()).text
    return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
