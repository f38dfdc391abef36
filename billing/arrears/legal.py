"""The file of an account for the legal route: every bill, notice and its proof, payment and step, as they are kept.

It is a ZIP: `file.json` with everything in one document, `history.csv` to read beside it, and the photos of signed
notices and visits. Nothing in it is interpreted; whoever takes it to a court finds each figure in the records.
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
from gridhall.billing.arrears.following import outstanding_penalties
from gridhall.billing.arrears.model import Pursuit
from gridhall.billing.arrears.services import FollowUp
from gridhall.billing.arrears.stepping import NO_SUCH_ACCOUNT
from gridhall.billing.bills.model import Bill
from gridhall.kit.money import yuan
from gridhall.kit.subject import Refusal
from gridhall.metering.exports.cells import harmless

MOST: Final = 500
"""Bills, postings, notices and contacts of a file at most, the newest first; `complete` says whether that is all."""

SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class LegalFile:
    """A file as bytes, and its name."""

    name: str
    content: bytes


async def legal_file(*, follow_up: FollowUp, account_id: AccountId, now: datetime) -> LegalFile | Refusal:
    """Put the file of an account together. The same records give the same bytes, the day of making excepted."""
    following = follow_up.giving_up.following
    account = (await following.accounts.load([account_id])).get(account_id)
    if account is None:
        return NO_SUCH_ACCOUNT
    today = following.today(now)
    bills = await following.bills.all_of(account_id, before=None, limit=MOST + 1)
    postings = await following.ledger.of_account(account_id, limit=MOST + 1)
    notices = await follow_up.serving.notices.of_accounts([account_id], limit=MOST + 1)
    contacts = await follow_up.contacts.contacts.of_accounts([account_id], limit=MOST + 1)
    pursuit = (await following.pursuits.load([account_id])).get(account_id)
    penalties = await outstanding_penalties(following=following, account_id=account_id, today=today)
    told = {
        "schema": SCHEMA,
        "made_on": today,
        "complete": max(len(bills), len(postings), len(notices), len(contacts)) <= MOST,
        "account": _account(account),
        "state": str(pursuit.state) if pursuit else "current",
        "penalties_today": {str(bill_id): str(yuan(fen)) for bill_id, fen in penalties.items()},
        "bills": [_bill(bill) for bill in bills[:MOST] if bill.status.shown],
        "postings": [asdict(posting) for posting in postings[:MOST]],
        "notices": [asdict(notice) for notice in notices[:MOST]],
        "contacts": [asdict(contact) for contact in contacts[:MOST]],
        "agreements": [
            asdict(one) for one in await follow_up.agreeing.agreements.of_accounts([account_id], limit=MOST)
        ],
        "disputes": [asdict(one) for one in await follow_up.disputing.disputes.of_accounts([account_id], limit=MOST)],
        "supply": [asdict(one) for one in await following.supply.of_accounts([account_id], limit=MOST)],
        "history": [asdict(entry) for entry in pursuit.history] if pursuit else [],
    }
    photos = [proof.photo for notice in notices[:MOST] for proof in notice.proofs if proof.photo]
    photos += [photo for contact in contacts[:MOST] for photo in contact.photos]
    pictures = await _pictures(follow_up, photos)
    return LegalFile(f"arrears-{account.number}-{today}.zip", _zipped(told, pursuit, pictures))


async def _pictures(follow_up: FollowUp, ids: Sequence[UUID]) -> dict[str, bytes]:
    blobs = await follow_up.serving.blobs.load(list(dict.fromkeys(ids)))
    found: dict[str, bytes] = {}
    for blob_id, blob in sorted(blobs.items()):
        content = await follow_up.serving.blobs.content(blob_id)
        if content is not None:
            found[f"photos/{blob_id}.{blob.type.rpartition('/')[2]}"] = content
    return found


def _zipped(told: Mapping[str, object], pursuit: Pursuit | None, pictures: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
        _put(archive, "file.json", orjson.dumps(told, default=_plain, option=options))
        _put(archive, "history.csv", _history(pursuit))
        for name, content in pictures.items():
            _put(archive, name, content)
    return out.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    # A fixed time: the same records are the same bytes.
    archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


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
