"""Who asks for a file, by token or by a signed link, and whether an account's file is for their eyes."""

from fastapi import Request

from gridhall.api.problems import ProblemError
from gridhall.api.state import agent_of, customer_of, state_of
from gridhall.billing.accounts.model import AccountId
from gridhall.crm.access.policies import may_see_account
from gridhall.crm.agents.model import Agent, AgentId
from gridhall.crm.agents.policies import may_serve
from gridhall.crm.customers.model import Customer, CustomerId
from gridhall.kit.subject import SubjectKind


async def caller_of(request: Request) -> Customer | Agent:
    """Return who signed the link or whose token it is; what a link says is judged by today's rights.

    Raises ProblemError where it is nobody, or the link has ended.
    """
    caller = await (_signed(request) if "signature" in request.query_params else _with_token(request))
    if caller is None:
        raise ProblemError("access.sign_in_first", headers={"WWW-Authenticate": "Bearer"})
    return caller


def may_see_file(caller: Customer | Agent, *, account_id: AccountId, region: str, org_path: str) -> bool:
    """Tell whether a file of an account that lies there is for the caller's eyes."""
    subject = caller.as_subject()
    if isinstance(caller, Agent):
        return may_serve(subject, region=region, org_path=org_path) is True
    return may_see_account(subject, account_id) is True


async def _with_token(request: Request) -> Customer | Agent | None:
    return await customer_of(request) or await agent_of(request)


async def _signed(request: Request) -> Customer | Agent | None:
    state = state_of(request)
    bearer = state.hall.links.read(f"{request.url.path}?{request.url.query}", now=state.clock.now())
    if bearer is None:
        raise ProblemError("usage.link_ended")
    if bearer.kind is SubjectKind.AGENT:
        agent = await state.agents.load(AgentId(bearer.id))
        return agent if agent and not agent.must_change else None
    return await state.customers.load(CustomerId(bearer.id))
