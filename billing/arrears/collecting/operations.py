"""Noting a contact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.collecting.model import (
    CONTACT,
    MOST_PHOTOS,
    NOTE_LENGTHS,
    Contact,
    ContactId,
    ContactWay,
    Outcome,
)
from gridhall.billing.arrears.collecting.repository import ContactRepository
from gridhall.billing.arrears.stepping import NO_SUCH_ACCOUNT
from gridhall.kit.blobs import Attachment, BlobRepository
from gridhall.kit.ids import new_id
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.said import said
from gridhall.kit.subject import Refusal

NO_PHOTO: Final = Refusal("arrears.visit_needs_photo", {"most": MOST_PHOTOS})
BAD_NOTE: Final = Refusal(
    "arrears.bad_note", {"field": "note", "least": NOTE_LENGTHS.start, "most": NOTE_LENGTHS.stop - 1}
)
NO_SUCH_PHOTO: Final = Refusal("arrears.no_such_photo")


@dataclass(frozen=True, slots=True)
class Collecting:
    """What collectors' work needs at hand."""

    mongo: Mongo
    following: Following
    contacts: ContactRepository
    blobs: BlobRepository


async def note_contact(
    *,
    collecting: Collecting,
    account_id: AccountId,
    way: ContactWay,
    outcome: Outcome,
    note: str,
    photos: Sequence[UUID],
    by: str,
    by_id: UUID,
    now: datetime,
) -> Contact | Refusal:
    """Note a contact. A visit needs a photo that `by_id` uploaded; it is attached to the contact."""
    text = said(note, lengths=NOTE_LENGTHS)
    if text is None:
        return BAD_NOTE
    wanted = list(dict.fromkeys(photos))
    if len(wanted) > MOST_PHOTOS or (way is ContactWay.VISIT and not wanted):
        return NO_PHOTO
    blobs = await collecting.blobs.load(wanted)
    if any(photo not in blobs or blobs[photo].by != by_id for photo in wanted):
        return NO_SUCH_PHOTO
    account = (await collecting.following.accounts.load([account_id])).get(account_id)
    if account is None:
        return NO_SUCH_ACCOUNT
    made = Contact(
        id=ContactId(new_id()),
        account_id=account.id,
        region=account.region,
        org_path=account.org_path,
        way=way,
        outcome=outcome,
        note=text,
        by=by,
        at=now,
        photos=tuple(wanted),
    )

    async def write(transaction: Transaction) -> None:
        await collecting.contacts.add(made, transaction=transaction)
        place = Attachment(CONTACT, str(made.id), made.region, made.org_path)
        await collecting.blobs.attach(wanted, to=place, by=by_id, transaction=transaction)

    await collecting.mongo.transact(write)
    return made
