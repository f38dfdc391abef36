"""Making formal notices, and serving them: a notice counts from the day on which its arrival is proven."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.cutting.model import Notice, NoticeId, NoticeKind, NoticeLine, Proof
from gridhall.billing.arrears.cutting.repository import NoticeRepository
from gridhall.billing.arrears.model import Debt
from gridhall.billing.arrears.notes import Form, written
from gridhall.billing.arrears.policies import Stage
from gridhall.billing.arrears.states import Event
from gridhall.billing.arrears.stepping import step
from gridhall.kit.blobs import Attachment, BlobRepository
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.outbox import Event as Told
from gridhall.kit.subject import Refusal

NOTICE: Final = "arrears_notice"
"""What photos of signed notices are attached to."""

NO_SUCH_NOTICE: Final = Refusal("arrears.no_such_notice")
NO_SUCH_PHOTO: Final = Refusal("arrears.no_such_photo")

FORMAL: Final = {Stage.OVERDUE_LAST: NoticeKind.PAYMENT, Stage.NOTICE: NoticeKind.DISCONNECTION}
"""The stages of the ladder that make a formal notice."""

_NAMESPACE: Final = UUID("0e4a52b1-92bb-54a8-9f4c-5f1f4fdd6f0d")


@dataclass(frozen=True, slots=True)
class Serving:
    """What serving notices needs at hand."""

    mongo: Mongo
    following: Following
    notices: NoticeRepository
    blobs: BlobRepository


def notice_of(
    debts: Sequence[Debt], *, stage: Stage, penalty: Fen, today: date, now: datetime
) -> tuple[Notice, Told] | None:
    """Return the formal notice of an account whose sternest debt has come to a stage, and the event that tells of it.

    It names every overdue bill. None where the stage makes none.
    """
    kind = FORMAL.get(stage)
    late = [debt for debt in debts if debt.overdue(today)]
    rules = late[0].policy if late else None
    if kind is None or rules is None:
        return None
    first = late[0]
    notice = Notice(
        id=NoticeId(uuid5(_NAMESPACE, f"{kind} {first.account_id} {today}")),
        kind=kind,
        account_id=first.account_id,
        region=first.region,
        org_path=first.org_path,
        lines=tuple(NoticeLine(debt.bill_id, debt.due_on, debt.owed) for debt in late),
        penalty=penalty,
        days=rules.notice_days,
        made_at=now,
    )
    return notice, _told(notice, now)


def balance_notice(account: Account, *, balance: Fen, days: int, today: date, now: datetime) -> tuple[Notice, Told]:
    """Return the formal notice to an account whose balance is used up, and the event that tells of it."""
    notice = Notice(
        id=NoticeId(uuid5(_NAMESPACE, f"{NoticeKind.BALANCE} {account.id} {today}")),
        kind=NoticeKind.BALANCE,
        account_id=account.id,
        region=account.region,
        org_path=account.org_path,
        lines=(),
        penalty=Fen(0),
        days=days,
        made_at=now,
        balance=balance,
    )
    return notice, _told(notice, now)


async def serve(
    *, serving: Serving, notice_id: NoticeId, proof: Proof, now: datetime, by_id: UUID | None = None
) -> Notice | Refusal:
    """Note that a notice arrived. The first proof of a disconnection notice makes the account's state.

    by_id: who uploaded the photo of a proof that has one. Idempotent. A notice of which nothing is owed any more, or
    of an account that something holds, keeps its proof and changes nothing.
    """
    if proof.photo is not None:
        blob = (await serving.blobs.load([proof.photo])).get(proof.photo)
        if blob is None or blob.by != by_id:
            return NO_SUCH_PHOTO

    async def work(transaction: Transaction) -> Notice | Refusal:
        notice = (await serving.notices.load([notice_id], transaction=transaction)).get(notice_id)
        if notice is None:
            return NO_SUCH_NOTICE
        proven = notice.with_proof(proof)
        if proven is notice:
            return notice
        await serving.notices.put(proven, transaction=transaction)
        if proof.photo is not None and by_id is not None:
            place = Attachment(NOTICE, str(notice.id), notice.region, notice.org_path)
            await serving.blobs.attach([proof.photo], to=place, by=by_id, transaction=transaction)
        if notice.kind is NoticeKind.DISCONNECTION and not notice.proofs:
            await _served(serving, proven, proof, transaction, now)
        return proven

    return await serving.mongo.transact(work)


def _told(notice: Notice, now: datetime) -> Told:
    payload = {"account_id": str(notice.account_id), "kind": str(notice.kind)}
    return Told("billing.notice_made", notice.id, now, payload)


async def _served(serving: Serving, notice: Notice, proof: Proof, transaction: Transaction, now: datetime) -> None:
    debts = await serving.following.debts.of_accounts([notice.account_id], transaction=transaction)
    named = {line.bill_id for line in notice.lines}
    if not any(debt.owed for debt in debts if debt.bill_id in named):
        return
    await step(
        following=serving.following,
        account_id=notice.account_id,
        event=Event.NOTICE_PROVED,
        by=proof.by,
        note=written(Form.SERVED, way=proof.way, reference=proof.reference),
        transaction=transaction,
        now=now,
        change=lambda pursuit: replace(pursuit, notice=str(notice.id)),
    )
