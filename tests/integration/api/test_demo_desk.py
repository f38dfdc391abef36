"""What the demo's desk begins with, asked as the agents who sign in there ask it."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from gridhall.api.demo.agents import AGENTS
from gridhall.api.demo.cutting import CUT, serve_and_propose
from gridhall.api.demo.desk import PAYS_CASH, SAVES, work_at_the_desk
from gridhall.api.demo.people import residents
from gridhall.api.demo.registering import register
from gridhall.api.demo.seed import REGIONS
from gridhall.api.state import State
from gridhall.billing.accounts.model import AccountId
from gridhall.billing.approvals.model import Kind
from gridhall.billing.approvals.repository import Wanted
from gridhall.billing.arrears.states import State as ArrearsState
from gridhall.crm.agents.model import AgentRole
from gridhall.kit.localdays import Month, local_day
from gridhall.simulators.households import households
from tests.factories.arrears import issued


async def test_a_refund_waits_for_the_second_person_and_a_saver_has_paid_ahead(state: State) -> None:
    now = state.clock.now()
    people = residents(households(PAYS_CASH + 1, ("zhejiang", "shaanxi"), 95598))
    await register(state, people, since=local_day(now, state.settings.time_zone) - timedelta(days=30), now=now)
    for later in range(2):
        # A second start, a day later, finds what the first one did. Agents of the demo see only their own region.
        await work_at_the_desk(state, people, now=now + timedelta(days=later))
    billing = state.hall.billing
    waiting = await billing.approvals.requests.page(Wanted("zhejiang"), after=None, limit=10)
    assert [(one.kind, one.account_id) for one in waiting] == [(Kind.REFUND, AccountId(people[PAYS_CASH].account_id))]
    saver = AccountId(people[SAVES].account_id)
    assert (await billing.accounts.load([saver]))[saver].balance.prepaid == 10_000


async def test_one_supply_is_proposed_to_be_cut_on_a_notice_served_days_ago_with_a_photo(state: State) -> None:
    now = state.clock.now()
    today = local_day(now, state.settings.time_zone)
    *others, last = residents(households(CUT, REGIONS, 95598))
    billing, debtor = state.hall.billing, replace(last, time_of_use=False)
    await register(state, [*others, debtor], since=today - timedelta(days=200), now=now)
    account_id = AccountId(debtor.account_id)
    account = (await billing.accounts.load([account_id]))[account_id]
    month = Month.of(today).shift(-3)
    await issued(billing, account, str(month), due_on=today - timedelta(days=60), now=now - timedelta(days=80))
    for _ in range(2):
        await serve_and_propose(state, debtor, now=now)
    pursuit = (await billing.arrears.following.pursuits.load([account_id]))[account_id]
    (notice,) = await billing.follow_up.serving.notices.of_accounts([account_id])
    (proof,) = notice.proofs
    assert (pursuit.state, proof.way, proof.photo is None) == (ArrearsState.DISCONNECTION_PROPOSED, "paper", False)


def test_every_region_of_the_demo_has_agents_and_a_second_person_to_approve() -> None:
    for region in REGIONS:
        roles = Counter(one.role for one in AGENTS if one.region in {region, None})
        wanted = {AgentRole.AGENT, AgentRole.REVIEWER, AgentRole.CASHIER, AgentRole.ACCOUNTANT, AgentRole.COLLECTOR}
        assert wanted <= set(roles), region
        assert roles[AgentRole.SUPERVISOR] > 1, region
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    assert all(f"`{one.name}`" in readme for one in AGENTS)
