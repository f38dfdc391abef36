"""Formal notices: what they said, and the proof that they arrived."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import BillId
from gridhall.kit.localdays import local_day
from gridhall.kit.money import Fen

NoticeId = NewType("NoticeId", UUID)


class NoticeKind(StrEnum):
    """Which paper it is."""

    PAYMENT = "payment"
    """催交电费通知单."""
    DISCONNECTION = "disconnection"
    """停电通知书, for arrears."""
    BALANCE = "balance"
    """停电通知书 of a supply whose balance is used up."""


class ProofWay(StrEnum):
    """How a notice arrived."""

    SMS = "sms"
    WECHAT = "wechat"
    MAIL = "mail"
    INBOX = "inbox"
    """Opened in the app."""
    PAPER = "paper"
    """Handed over and signed for; the photo shows it."""
    POSTED = "posted"
    """Left at the door before a witness (留置送达); the photo shows it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """That a notice arrived. reference: the provider's or ours. photo: blob of the signed paper. by: who says so."""

    way: ProofWay
    at: datetime
    by: str
    reference: str = ""
    photo: UUID | None = None


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A bill that a notice names, and what was owed of it."""

    bill_id: BillId
    due_on: date
    owed: Fen


@dataclass(frozen=True, slots=True)
class Notice:
    """A formal notice to an account. penalty: owed beside the bills as it was made. days: between it and a cut.

    balance: of an account that pays ahead, what was left as it was made; such a notice names no bills.
    """

    id: NoticeId
    kind: NoticeKind
    account_id: AccountId
    region: str
    org_path: str
    lines: tuple[NoticeLine, ...]
    penalty: Fen
    days: int
    made_at: datetime
    proofs: tuple[Proof, ...] = ()
    balance: Fen | None = None

    @property
    def total(self) -> Fen:
        """What it asks for: the bills and the penalty."""
        return Fen(sum(line.owed for line in self.lines) + self.penalty)

    @property
    def served_at(self) -> datetime | None:
        """When it arrived first; None where there is no proof."""
        return min((proof.at for proof in self.proofs), default=None)

    def cut_from(self, served_on: date) -> date:
        """Return the first day on which the supply may be cut, if it was served on a day: whole days lie between."""
        return served_on + timedelta(days=self.days + 1)

    def lets_cut(self, today: date, *, zone: str) -> bool:
        """Whether it arrived, which is proven, so long ago that the supply may be cut today."""
        return self.served_at is not None and today >= self.cut_from(local_day(self.served_at, zone))

    def with_proof(self, proof: Proof) -> "Notice":
        """Return it with a proof more; the same one again changes nothing."""
        same = any(
            (one.way, one.reference, one.photo) == (proof.way, proof.reference, proof.photo) for one in self.proofs
        )
        return self if same else replace(self, proofs=(*self.proofs, proof))
