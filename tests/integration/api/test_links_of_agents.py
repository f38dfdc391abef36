"""Signed links of agents: they end with what lets the agent work at the desk, whatever the file."""

import httpx
import pytest

from gridhall.api.state import State
from gridhall.kit.ids import new_id
from gridhall.kit.links import Bearer
from gridhall.kit.subject import SubjectKind
from tests.factories.agents import an_agent
from tests.factories.homes import Home

NOT_THERE, SIGN_IN = 404, 401


@pytest.mark.parametrize("must_change", [False, True])
async def test_an_agent_who_must_change_the_password_opens_no_file_by_a_link(
    http: httpx.AsyncClient, state: State, home: Home, *, must_change: bool
) -> None:
    agent = await an_agent(state, must_change=must_change)
    by, now = Bearer(SubjectKind.AGENT, agent.id), state.clock.now()
    usage = state.hall.links.sign(
        f"/v1/accounts/{home.account.id}/usage.csv", {"from": "2026-09-01", "to": "2026-09-03"}, by=by, now=now
    )
    invoice = state.hall.links.sign(f"/v1/invoices/{new_id()}.pdf", {}, by=by, now=now)
    answers = [(await http.get(link.path)).status_code for link in (usage, invoice)]
    assert answers == ([SIGN_IN, SIGN_IN] if must_change else [200, NOT_THERE])
