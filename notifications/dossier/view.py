"""The records of a legal file as its template reads them: everything written as text, in local time. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.cutting.model import Notice, Proof
from gridhall.billing.arrears.legal import Records
from gridhall.billing.arrears.model import Entry, class_of
from gridhall.billing.arrears.notes import rates_read, read
from gridhall.billing.arrears.policies import Policy, policy
from gridhall.billing.arrears.states import State
from gridhall.billing.bills.model import Bill
from gridhall.billing.ledger.model import Book
from gridhall.billing.regions import region, regions
from gridhall.kit.money import Fen, yuan
from gridhall.kit.words import LANGUAGES

_LANGUAGE = LANGUAGES[0]
_NOTHING = "–"
_SURE = frozenset({"proven", "sourced"})


def pages(records: Records, *, holder: str, digest: str, zone: str) -> dict[str, Any]:
    """Return what the paper shows as JSON-able data. Every text in it is printed literally.

    holder: the name of whose account it is, '' where nobody is known. digest: SHA-256 of the document beside it.
    """
    account, pursuit, clock = records.account, records.pursuit, _Clock(ZoneInfo(zone))
    owed = [bill for bill in records.bills if bill.owed or records.penalties.get(bill.id)]
    principal = sum(bill.owed for bill in owed)
    penalty = sum(records.penalties.values())
    of_class = class_of(account, today=records.made_on)
    rules = policy(account.region, of_class, on=min((_due(bill) for bill in owed), default=records.made_on))
    return {
        "supplier": region(account.region).supplier[_LANGUAGE],
        "made_on": records.made_on.isoformat(),
        "complete": records.complete,
        "digest": digest,
        "holder": holder or _NOTHING,
        "account": account.number,
        "address": account.address,
        "unit": _unit(account),
        "class": str(of_class),
        "state": str(pursuit.state if pursuit else State.CURRENT),
        "since": clock.at(pursuit.since) if pursuit and pursuit.since else _NOTHING,
        "principal": _money(principal),
        "penalty": _money(penalty),
        "owed": _money(principal + penalty),
        "oldest": min((_due(bill).isoformat() for bill in owed), default=_NOTHING),
        "rules": _rules(rules) if rules else None,
        "debts": [_debt(bill, records) for bill in reversed(owed)],
        "bills": [_billed(bill) for bill in reversed(records.bills) if bill not in owed],
        "notices": [_notice(one, records, clock) for one in reversed(records.notices)],
        "contacts": [
            {
                "at": clock.at(one.at),
                "way": str(one.way),
                "outcome": str(one.outcome),
                "note": one.note,
                "by": one.by,
                "photos": _photos(one.photos, records),
            }
            for one in reversed(records.contacts)
        ],
        "agreements": [
            {
                "made": clock.at(one.made_at),
                "kind": str(one.kind),
                "by": one.made_by,
                "rates": [[rate.due_on.isoformat(), _money(rate.amount)] for rate in one.rates],
                "state": str(one.state),
            }
            for one in reversed(records.agreements)
        ],
        "disputes": [
            {
                "opened": clock.at(one.opened_at),
                "bill": _number(one.bill_id, records),
                "reason": one.reason,
                "state": str(one.state),
                "resolution": one.resolution,
            }
            for one in reversed(records.disputes)
        ],
        "supply": [
            {"at": clock.at(one.asked_at), "kind": str(one.kind), "by": one.by, "state": str(one.state)}
            | {"changed": clock.at(one.changed_at) if one.changed_at else _NOTHING}
            for one in reversed(records.supply)
        ],
        "postings": [
            {
                "at": clock.at(one.at),
                "kind": str(one.kind),
                "bills": _moved(one.on(Book.RECEIVABLE)),
                "penalty": _moved(one.on(Book.PENALTY)),
                "key": one.key,
            }
            for one in reversed(records.postings)
        ],
        "history": [
            {"at": clock.at(one.at), "event": one.event, "state": str(one.state), "by": one.by} | _said(one, clock)
            for one in (pursuit.history if pursuit else ())
        ],
    }


class _Clock:
    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def at(self, instant: datetime) -> str:
        return f"{instant.astimezone(self._zone):%Y-%m-%d %H:%M}"


def _unit(account: Account) -> str:
    """Return the name of the unit of an account: that of the region where it is one, else the last part of its path."""
    last = account.org_path.rpartition("/")[2] or account.region
    return regions()[last].title[_LANGUAGE] if last in regions() else last


def _said(entry: Entry, clock: _Clock) -> dict[str, Any]:
    """Return the note of a line of history: what a person said as it is, what the system noted as a form to be filled.

    Codes among the values are left to the tables of the words.
    """
    said = read(entry.event, entry.note)
    if said is None:
        return {"form": None, "note": entry.note}
    return {"form": str(said.form), "values": {name: _value(name, text, clock) for name, text in said.values.items()}}


def _value(name: str, text: str, clock: _Clock) -> str:
    match name:
        case "fen":
            return _money(int(text))
        case "at":
            return clock.at(datetime.fromisoformat(text))
        case "rates":
            return "、".join(f"{day} {_money(amount)}" for day, amount in rates_read(text))
        case _:
            return text


def _rules(rules: Policy) -> dict[str, str | bool]:
    return {
        "checked": rules.status in _SURE,
        "this_year": _permille(rules.rate.this_year),
        "earlier": _permille(rules.rate.earlier_years),
    }


def _billed(bill: Bill) -> dict[str, str]:
    return {
        "number": bill.number,
        "first": bill.days.start.isoformat(),
        "last": (bill.days.end - timedelta(days=1)).isoformat(),
        "kwh": f"{bill.kwh.normalize():,f}",
        "due": bill.due_on.isoformat() if bill.due_on else _NOTHING,
        "total": _money(bill.total),
        "paid": _money(bill.paid),
        "status": str(bill.status),
    }


def _debt(bill: Bill, records: Records) -> dict[str, str]:
    owed, penalty = bill.owed, records.penalties.get(bill.id, Fen(0))
    late = (records.made_on - _due(bill)).days
    return _billed(bill) | {
        "owed": _money(owed),
        "penalty": _money(penalty),
        "days": str(max(0, late)),
        "kind": str(bill.kind),
    }


def _notice(notice: Notice, records: Records, clock: _Clock) -> dict[str, Any]:
    return {
        "kind": str(notice.kind),
        "made": clock.at(notice.made_at),
        "days": str(notice.days),
        "total": _money(notice.total if notice.balance is None else notice.balance),
        "lines": [
            [_number(line.bill_id, records), line.due_on.isoformat(), _money(line.owed)] for line in notice.lines
        ],
        "penalty": _money(notice.penalty),
        "proofs": [_proof(proof, records, clock) for proof in sorted(notice.proofs, key=lambda one: one.at)],
    }


def _proof(proof: Proof, records: Records, clock: _Clock) -> dict[str, str]:
    photo = _photos([proof.photo] if proof.photo else (), records)
    return {
        "way": str(proof.way),
        "at": clock.at(proof.at),
        "by": proof.by,
        "evidence": photo or proof.reference or _NOTHING,
    }


def _photos(ids: Iterable[object], records: Records) -> str:
    names: Sequence[str] = [name for one in ids for name in records.photos if str(one) in name]
    return ", ".join(names)


def _number(bill_id: object, records: Records) -> str:
    return next((bill.number for bill in records.bills if bill.id == bill_id), str(bill_id))


def _due(bill: Bill) -> date:
    return bill.due_on or bill.days.end


def _money(amount: int) -> str:
    return f"{yuan(Fen(amount)):,}"


def _moved(amount: Fen) -> str:
    return f"{yuan(amount):+,}".replace("-", "−") if amount else ""


def _permille(rate: Decimal) -> str:
    return f"{rate.normalize():f}‰"
