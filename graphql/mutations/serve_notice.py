"""Note that a formal notice was handed over on paper, with the photo that shows it."""

from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.cutting.model import Proof, ProofWay
from gridhall.billing.arrears.cutting.notices import NO_SUCH_NOTICE, serve
from gridhall.crm.agents.model import Agent
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_arrears import ChangeArrearsResult, changed


@strawberry.input(description="The newest notice of an account, and how it was handed over.")
class ServeNoticeInput:
    """How a notice was handed over."""

    id: relay.GlobalID
    photo: UUID = strawberry.field(
        description="Of the signed paper, or of the paper at the door; uploaded by the agent."
    )
    at_door: bool = strawberry.field(default=False, description="Left at the door before a witness (留置送达).")


@strawberry.mutation(description="Note that the newest formal notice of an account was served on paper.")
async def serve_notice(info: Info, input: ServeNoticeInput) -> ChangeArrearsResult:
    """Note that a notice was served."""
    hall = info.context.hall

    async def change(account: Account, agent: Agent) -> object:
        serving, now = hall.billing.follow_up.serving, hall.clock.now()
        newest = await serving.notices.of_accounts([account.id], limit=1)
        if not newest:
            return NO_SUCH_NOTICE
        way = ProofWay.POSTED if input.at_door else ProofWay.PAPER
        proof = Proof(way, now, agent.name, photo=input.photo)
        return await serve(serving=serving, notice_id=newest[0].id, proof=proof, now=now, by_id=agent.id)

    return await changed(info, input.id, change)
