"""The demo's agents: their passwords are printed, so nothing but a demo may have them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gridhall.api.state import State
from gridhall.crm.agents.model import AgentRole, checked_grant
from gridhall.crm.agents.operations import add_agent


@dataclass(frozen=True, slots=True)
class DemoAgent:
    """Somebody at the demo's desk. region: None for every region."""

    name: str
    password: str
    role: AgentRole
    region: str | None


CASHIER: Final = "he.fang"
COLLECTOR: Final = "feng.tao"

AGENTS: Final = (
    DemoAgent("zhou.min", "demo-agent-95598", AgentRole.AGENT, "zhejiang"),
    DemoAgent("qian.hong", "demo-reviewer-95598", AgentRole.REVIEWER, "zhejiang"),
    DemoAgent("sun.lei", "demo-reader-95598", AgentRole.READER, "zhejiang"),
    DemoAgent("zheng.wei", "demo-inspector-95598", AgentRole.INSPECTOR, "zhejiang"),
    DemoAgent(CASHIER, "demo-cashier-95598", AgentRole.CASHIER, "zhejiang"),
    DemoAgent("lin.jing", "demo-accountant-95598", AgentRole.ACCOUNTANT, "zhejiang"),
    DemoAgent(COLLECTOR, "demo-collector-95598", AgentRole.COLLECTOR, "zhejiang"),
    DemoAgent("ma.ling", "demo-agent-95598", AgentRole.AGENT, "shaanxi"),
    DemoAgent("bai.yun", "demo-reviewer-95598", AgentRole.REVIEWER, "shaanxi"),
    DemoAgent("tang.jie", "demo-cashier-95598", AgentRole.CASHIER, "shaanxi"),
    DemoAgent("shi.yan", "demo-accountant-95598", AgentRole.ACCOUNTANT, "shaanxi"),
    DemoAgent("luo.bin", "demo-collector-95598", AgentRole.COLLECTOR, "shaanxi"),
    DemoAgent("wu.gang", "demo-supervisor-95598", AgentRole.SUPERVISOR, None),
    DemoAgent("xie.hua", "demo-supervisor-95598", AgentRole.SUPERVISOR, None),
)
"""Two supervisors, so that what one of them asks for another can approve."""


async def add_agents(state: State, *, now: datetime) -> None:
    """Add the agents that are not there yet."""
    agents = state.hall.people.agents
    for one in AGENTS:
        if await agents.agents.by_name(one.name) is None:
            await add_agent(
                agents=agents,
                name=one.name,
                grants=(checked_grant(one.role, one.region),),
                password=one.password,
                must_change=False,
                now=now,
            )
