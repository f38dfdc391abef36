"""What the changes of collectors share: the rights, the reason, and the account as it is afterwards."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Protocol

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.approvals.operations import Approvals
from gridhall.billing.arrears.stepping import NO_SUCH_ACCOUNT
from gridhall.crm.agents.arrears_policies import may_collect
from gridhall.crm.agents.model import Agent
from gridhall.crm.agents.policies import may_serve
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.arrears import ArrearsAccount
from gridhall.kit.subject import Refusal

Change = Callable[[Account, Agent], Awaitable[object]]


class Ask(Protocol):
    """Prepares what another person approves, or says why not."""

    async def __call__(
        self, *, approvals: Approvals, account_id: AccountId, reason: str, by: str, now: datetime
    ) -> object:
        """Prepare it."""


@strawberry.type(description="It is done; the account as it is now, or null where it never was in arrears.")
class ArrearsChanged:
    """It is done."""

    account: ArrearsAccount | None


ChangeArrearsResult = Annotated[
    ArrearsChanged | Refused, strawberry.union("ChangeArrearsResult", description="What came of a collector's step.")
]


async def changed(info: Info, id: relay.GlobalID, change: Change) -> ArrearsChanged | Refused:
    """Change something of an account that the agent collects from, or say why not."""
    agent, hall, subject = info.context.at_desk(), info.context.hall, info.context.subject
    account = await hall.accounts.load(AccountId(uuid_of(id, "ArrearsAccount", field="id")))
    if account is None or may_serve(subject, region=account.region, org_path=account.org_path) is not True:
        return refused(NO_SUCH_ACCOUNT, info)
    require(may_collect(subject, region=account.region, org_path=account.org_path))
    outcome = await change(account, agent)
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    pursuit = (await hall.billing.arrears.following.pursuits.load([account.id])).get(account.id)
    return ArrearsChanged(account=ArrearsAccount.of(pursuit, account=account, info=info) if pursuit else None)


async def asked(info: Info, id: relay.GlobalID, ask: Ask, *, reason: str) -> ArrearsChanged | Refused:
    """Ask for something on an account that another person approves, for a reason worth reading."""
    hall, why = info.context.hall, good_reason(reason)

    async def change(account: Account, agent: Agent) -> object:
        if isinstance(why, Refusal):
            return why
        return await ask(
            approvals=hall.billing.approvals, account_id=account.id, reason=why, by=agent.name, now=hall.clock.now()
        )

    return await changed(info, id, change)
