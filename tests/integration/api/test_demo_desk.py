"""What the demo's desk begins with, asked as the agents who sign in there ask it."""

from datetime import timedelta

from gridhall.api.demo.desk import PAYS_CASH, SAVES, work_at_the_desk
from gridhall.api.demo.people import residents
from gridhall.api.demo.registering import register
from gridhall.api.state import State
from gridhall.billing.accounts.model import AccountId
from gridhall.billing.approvals.model import Kind
from gridhall.billing.approvals.repository import Wanted
from gridhall.kit.localdays import local_day
from gridhall.simulators.households import households


async def test_a_refund_waits_for_the_second_person_and_a_saver_has_paid_ahead(state: State) -> None:
    now = state.clock.now()
    people = residents(households(PAYS_CASH + 1, ("zhejiang", "shaanxi"), 95598))
    await register(state, people, since=local_day(now, state.settings.time_zone) - timedelta(days=30), now=now)
    for _ in range(2):
        # A second start finds what the first one did. Agents of the demo see only their own region.
        await work_at_the_desk(state, people, now=now)
    billing = state.hall.billing
    waiting = await billing.approvals.requests.page(Wanted("zhejiang"), after=None, limit=10)
    assert [(one.kind, one.account_id) for one in waiting] == [(Kind.REFUND, AccountId(people[PAYS_CASH].account_id))]
    saver = AccountId(people[SAVES].account_id)
    assert (await billing.accounts.load([saver]))[saver].balance.prepaid == 10_000
