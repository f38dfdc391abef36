"""Note that a formal notice was handed over on paper, with the photo that shows it."""

from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.cutting.model import Notice, NoticeId, Proof, ProofWay
from gridhall.billing.arrears.cutting.notices import NO_SUCH_NOTICE, serve
from gridhall.billing.arrears.cutting.repository import NoticeRepository
from gridhall.crm.agents.model import Agent
from gridhall.graphql.context import Info
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.change_arrears import ChangeArrearsResult, changed


@strawberry.input(description="A notice of an account, and how it was handed over.")
class ServeNoticeInput:
    """How a notice was handed over."""

    id: relay.GlobalID
    notice_id: relay.GlobalID | None = strawberry.field(default=None, description="The newest where absent.")
    photo: UUID = strawberry.field(
        description="Of the signed paper, or of the paper at the door; uploaded by the agent."
    )
    at_door: bool = strawberry.field(default=False, description="Left at the door before a witness (留置送达).")


@strawberry.mutation(description="Note that a formal notice of an account was served on paper.")
async def serve_notice(info: Info, input: ServeNoticeInput) -> ChangeArrearsResult:
    """Note that a notice was served."""
    hall = info.context.hall

    async def change(account: Account, agent: Agent) -> object:
        serving, now = hall.billing.follow_up.serving, hall.clock.now()
        notice = await _notice(serving.notices, account, input.notice_id)
        if notice is None:
            return NO_SUCH_NOTICE
        way = ProofWay.POSTED if input.at_door else ProofWay.PAPER
        proof = Proof(way, now, agent.name, photo=input.photo)
        return await serve(serving=serving, notice_id=notice.id, proof=proof, now=now, by_id=agent.id)

    return await changed(info, input.id, change)


async def _notice(notices: NoticeRepository, account: Account, wanted: relay.GlobalID | None) -> Notice | None:
    if wanted is None:
        return next(iter(await notices.of_accounts([account.id], limit=1)), None)
    notice_id = NoticeId(uuid_of(wanted, "UnprovenNotice", field="noticeId"))
    found = (await notices.load([notice_id])).get(notice_id)
    return found if found and found.account_id == account.id else None
