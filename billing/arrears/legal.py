"""The file of an account for the legal route: every bill, notice and its proof, payment and step, as they are kept.

Nothing in it is interpreted; whoever takes it to a court finds each figure in the records. It is a ZIP: `file.json`
with everything in one document, `history.csv` to read beside it, the photos of signed notices and visits, and what a
room to the right puts to it.
"""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.arrears.agreements.model import Agreement
from gridhall.billing.arrears.collecting.model import Contact
from gridhall.billing.arrears.cutting.model import Notice
from gridhall.billing.arrears.disputes.model import Dispute
from gridhall.billing.arrears.following import outstanding_penalties
from gridhall.billing.arrears.model import Pursuit
from gridhall.billing.arrears.services import FollowUp
from gridhall.billing.arrears.stepping import NO_SUCH_ACCOUNT
from gridhall.billing.bills.model import Bill, BillId
from gridhall.billing.ledger.model import Posting
from gridhall.billing.supply.model import SupplyRequest
from gridhall.kit.money import Fen, yuan
from gridhall.kit.subject import Refusal
from gridhall.metering.exports.cells import harmless

MOST: Final = 500
"""Bills, postings, notices and contacts of a file at most, the newest first; `complete` says whether that is all."""

SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class Records:
    """What is known of an account that owes, the newest first. penalties: owed of each bill by the end of `made_on`.

    photos: the content of each photo, by its name in the file.
    """

    made_on: date
    complete: bool
    account: Account
    pursuit: Pursuit | None
    penalties: Mapping[BillId, Fen]
    bills: tuple[Bill, ...]
    postings: tuple[Posting, ...]
    notices: tuple[Notice, ...]
    contacts: tuple[Contact, ...]
    agreements: tuple[Agreement, ...]
    disputes: tuple[Dispute, ...]
    supply: tuple[SupplyRequest, ...]
    photos: Mapping[str, bytes]

    @property
    def name(self) -> str:
        """The name of the file."""
        return f"arrears-{self.account.number}-{self.made_on}.zip"


async def gather(*, follow_up: FollowUp, account_id: AccountId, now: datetime) -> Records | Refusal:
    """Read what is known of an account. Refused where there is no such account."""
    following = follow_up.giving_up.following
    account = (await following.accounts.load([account_id])).get(account_id)
    if account is None:
        return NO_SUCH_ACCOUNT
    today = following.today(now)
    bills = await following.bills.all_of(account_id, before=None, limit=MOST + 1)
    postings = await following.ledger.of_account(account_id, limit=MOST + 1)
    notices = await follow_up.serving.notices.of_accounts([account_id], limit=MOST + 1)
    contacts = await follow_up.contacts.contacts.of_accounts([account_id], limit=MOST + 1)
    photos = [proof.photo for notice in notices[:MOST] for proof in notice.proofs if proof.photo]
    photos += [photo for contact in contacts[:MOST] for photo in contact.photos]
    return Records(
        made_on=today,
        complete=max(len(bills), len(postings), len(notices), len(contacts)) <= MOST,
        account=account,
        pursuit=(await following.pursuits.load([account_id])).get(account_id),
        penalties=await outstanding_penalties(following=following, account_id=account_id, today=today),
        bills=tuple(bill for bill in bills[:MOST] if bill.status.shown),
        postings=tuple(postings[:MOST]),
        notices=tuple(notices[:MOST]),
        contacts=tuple(contacts[:MOST]),
        agreements=tuple(await follow_up.agreeing.agreements.of_accounts([account_id], limit=MOST)),
        disputes=tuple(await follow_up.disputing.disputes.of_accounts([account_id], limit=MOST)),
        supply=tuple(await following.supply.of_accounts([account_id], limit=MOST)),
        photos=await _pictures(follow_up, photos),
    )


def document(records: Records) -> bytes:
    """Return everything in one JSON document. The same records give the same bytes, the day of making excepted."""
    pursuit = records.pursuit
    told = {
        "schema": SCHEMA,
        "made_on": records.made_on,
        "complete": records.complete,
        "account": _account(records.account),
        "state": str(pursuit.state) if pursuit else "current",
        "penalties_today": {str(bill_id): str(yuan(fen)) for bill_id, fen in records.penalties.items()},
        "bills": [_bill(bill) for bill in records.bills],
        "postings": [asdict(posting) for posting in records.postings],
        "notices": [asdict(notice) for notice in records.notices],
        "contacts": [asdict(contact) for contact in records.contacts],
        "agreements": [asdict(one) for one in records.agreements],
        "disputes": [asdict(one) for one in records.disputes],
        "supply": [asdict(one) for one in records.supply],
        "history": [asdict(entry) for entry in pursuit.history] if pursuit else [],
    }
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(told, default=_plain, option=options)


def zipped(records: Records, *, document: bytes, beside: Mapping[str, bytes]) -> bytes:
    """Return the file: the document, the history and the photos. beside: what else lies in it, by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        whole = {"file.json": document, "history.csv": _history(records.pursuit), **records.photos, **beside}
        for name, content in whole.items():
            # A fixed time: the same records are the same bytes.
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


async def _pictures(follow_up: FollowUp, ids: Sequence[UUID]) -> dict[str, bytes]:
    blobs = await follow_up.serving.blobs.load(list(dict.fromkeys(ids)))
    found: dict[str, bytes] = {}
    for blob_id, blob in sorted(blobs.items()):
        content = await follow_up.serving.blobs.content(blob_id)
        if content is not None:
            found[f"photos/{blob_id}.{blob.type.rpartition('/')[2]}"] = content
    return found


def _history(pursuit: Pursuit | None) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["at (UTC)", "by", "event", "state", "why"])
    for entry in pursuit.history if pursuit else ():
        at = entry.at.astimezone(UTC).isoformat(timespec="seconds")
        rows.writerow([at, *map(harmless, (entry.by, entry.event, str(entry.state), entry.note))])
    # Spreadsheets read UTF-8 only behind its mark.
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _account(account: Account) -> dict[str, object]:
    return {
        "number": account.number,
        "region": account.region,
        "org_path": account.org_path,
        "address": account.address,
        "owed": str(yuan(account.balance.owed)),
        "prepaid": str(yuan(account.balance.prepaid)),
    }


def _bill(bill: Bill) -> dict[str, object]:
    return {
        "id": bill.id,
        "number": bill.number,
        "month": str(bill.month),
        "from": bill.days.start,
        "to": bill.days.end,
        "kwh": bill.kwh,
        "total": str(yuan(bill.total)),
        "paid": str(yuan(bill.paid)),
        "status": bill.status,
        "issued_at": bill.issued_at,
        "due_on": bill.due_on,
        "registers": [asdict(row) for row in bill.registers],
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a record holds
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, frozenset | tuple):
        return sorted(value) if isinstance(value, frozenset) else list(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no plain form")
