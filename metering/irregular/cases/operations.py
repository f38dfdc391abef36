"""What people do with cases. Each change names the revision that its author saw; a later one is not overwritten."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gridhall.kit.blobs import Attachment, BlobRepository
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.outbox import Event, Outbox
from gridhall.kit.subject import Refusal
from gridhall.metering.irregular.cases import rules
from gridhall.metering.irregular.cases.model import CASE, Case, CaseId, Closing, Photo
from gridhall.metering.irregular.cases.repository import CaseRepository
from gridhall.metering.irregular.cases.rules import Actor
from gridhall.metering.irregular.model import Watch

CONFIRMED_EVENT = "metering.irregular_confirmed"
NO_SUCH_CASE = Refusal("irregular.no_such_case")
NO_SUCH_PHOTO = Refusal("irregular.no_such_photo")

Rule = Callable[[Case], Case | Refusal]
Also = Callable[[Case, Transaction], Awaitable[None]] | None
"""What is written together with the case."""


@dataclass(frozen=True, slots=True)
class Cases:
    """What the operations need at hand."""

    mongo: Mongo
    cases: CaseRepository
    blobs: BlobRepository
    outbox: Outbox
    watch: Watch


async def assign(
    *, cases: Cases, case_id: CaseId, revision: int, owner: str, due_on: date, today: date, by: str, now: datetime
) -> Case | Refusal:
    """Give a case to somebody until a day. The same again changes nothing."""
    actor = Actor(by, now)
    return await _change(
        cases,
        case_id,
        revision,
        lambda case: rules.assigned(case, owner=owner, due_on=due_on, today=today, actor=actor),
    )


async def start_inspection(*, cases: Cases, case_id: CaseId, revision: int, by: str, now: datetime) -> Case | Refusal:
    """Note that somebody goes to the site."""
    return await _change(cases, case_id, revision, lambda case: rules.started(case, actor=Actor(by, now)))


async def add_photo(
    *, cases: Cases, case_id: CaseId, revision: int, photo_id: UUID, note: str, by: str, by_id: UUID, now: datetime
) -> Case | Refusal:
    """Add a photo that `by_id` uploaded. It is attached to the case, so that those in charge of the case see it."""
    blob = (await cases.blobs.load([photo_id])).get(photo_id)
    if blob is None or blob.by != by_id:
        return NO_SUCH_PHOTO
    photo = Photo(photo_id, by, now, note.strip()[: rules.NOTE_LENGTHS.stop - 1])

    async def attach(case: Case, transaction: Transaction) -> None:
        place = Attachment(CASE, str(case.id), case.region, case.org_path)
        await cases.blobs.attach([photo_id], to=place, by=by_id, transaction=transaction)

    actor = Actor(by, now)
    return await _change(
        cases, case_id, revision, lambda case: rules.with_photo(case, photo=photo, actor=actor), also=attach
    )


async def confirm(
    *, cases: Cases, case_id: CaseId, revision: int, closing: Closing, note: str, by: str, now: datetime
) -> Case | Refusal:
    """Confirm a case and raise `metering.irregular_confirmed`, both or neither. No charge and no cut follows from here.

    The event's payload: case_id, point_id, closing, since (first day of the earliest evidence, or null), signals.
    """

    async def tell(case: Case, transaction: Transaction) -> None:
        await cases.outbox.add([_confirmed(case)], transaction=transaction)

    actor = Actor(by, now)
    return await _change(
        cases,
        case_id,
        revision,
        lambda case: rules.confirmed(case, closing=closing, note=note, actor=actor, watch=cases.watch),
        also=tell,
    )


async def dismiss(
    *, cases: Cases, case_id: CaseId, revision: int, closing: Closing, note: str, by: str, now: datetime
) -> Case | Refusal:
    """Dismiss a case: its signals are quiet at the point for the time that the settings say."""
    actor = Actor(by, now)
    return await _change(
        cases,
        case_id,
        revision,
        lambda case: rules.dismissed(case, closing=closing, note=note, actor=actor, watch=cases.watch),
    )


async def _change(cases: Cases, case_id: CaseId, revision: int, rule: Rule, *, also: Also = None) -> Case | Refusal:
    case = (await cases.cases.load([case_id])).get(case_id)
    if case is None:
        return NO_SUCH_CASE
    if case.revision != revision:
        return rules.CHANGED
    changed = rule(case)
    if isinstance(changed, Refusal) or changed is case:
        return changed

    async def write(transaction: Transaction) -> bool:
        written = await cases.cases.replace(changed, transaction=transaction)
        if written and also is not None:
            await also(changed, transaction)
        return written

    return changed if await cases.mongo.transact(write) else rules.CHANGED


def _confirmed(case: Case) -> Event:
    since = min((one.since for one in case.evidence if one.since), default=None)
    return Event(
        kind=CONFIRMED_EVENT,
        about=case.point_id,
        at=case.changed_at,
        payload={
            "case_id": str(case.id),
            "point_id": str(case.point_id),
            "closing": str(case.closing),
            "since": since and since.isoformat(),
            "signals": [one.signal for one in case.evidence],
        },
    )
