"""Payments: the intent that a customer starts, and the money that arrives."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.policies import Allocation
from gridhall.billing.bills.model import Bill, BillId
from gridhall.billing.ledger.model import Book
from gridhall.kit.money import Fen

TradeNumber = NewType("TradeNumber", str)
"""Our number of a payment (out_trade_no): 32 hexadecimal digits, unique for ever."""


@dataclass(frozen=True, slots=True)
class Part:
    """What of a payment is for one account: these bills of it first, or just the account where none is named.

    penalty: what of the amount was for late-payment penalties, as it was reckoned when the payment was started.
    """

    account_id: AccountId
    bill_ids: tuple[BillId, ...]
    amount: Fen
    penalty: Fen = Fen(0)


class IntentStatus(StrEnum):
    """Where an intent stands."""

    STARTED = "started"
    SUPERSEDED = "superseded"
    """Its customer started another for the same account; it is to be closed at its provider."""
    CLOSED = "closed"
    """The provider takes no money for it any more. Money that arrives all the same is posted like any other."""
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment that somebody started: for these accounts and bills, through this provider.

    payer: who started it. asked_by: the payer with the idempotency key that makes a repetition the same intent.
    expires_at: from when on it is closed. ask_at: when its provider is asked next how it stands; None once that is
    settled. pay_url, client: how the customer confirms it, as `Placed` says.
    """

    number: TradeNumber
    parts: tuple[Part, ...]
    region: str
    provider: str
    payer: str
    asked_by: str
    started_at: datetime
    expires_at: datetime
    ask_at: datetime | None = None
    status: IntentStatus = IntentStatus.STARTED
    pay_url: str | None = None
    client: Mapping[str, str] | None = None

    @property
    def amount(self) -> Fen:
        """How much is to be paid in all."""
        return Fen(sum(part.amount for part in self.parts))

    @property
    def penalty(self) -> Fen:
        """What of that was for late-payment penalties, as it was reckoned when the payment was started."""
        return Fen(sum(part.penalty for part in self.parts))

    @property
    def placed(self) -> bool:
        """Whether the provider took the order."""
        return self.pay_url is not None or self.client is not None


@dataclass(frozen=True, slots=True)
class PaymentReceived:
    """Money that arrived, as its provider tells it.

    provider, provider_number: together the payment's identity, for ever.
    parts: whose it is; one part an account.
    trade_number: the intent it answers; None where none was started (cash, a bank transfer).
    """

    provider: str
    provider_number: str
    parts: tuple[Part, ...]
    paid_at: datetime
    trade_number: TradeNumber | None = None

    @classmethod
    def for_account(
        cls,
        provider: str,
        provider_number: str,
        account_id: AccountId,
        amount: Fen,
        paid_at: datetime,
        *,
        bill_ids: tuple[BillId, ...] = (),
        trade_number: TradeNumber | None = None,
    ) -> "PaymentReceived":
        """Return money that is for one account."""
        return cls(provider, provider_number, (Part(account_id, bill_ids, amount),), paid_at, trade_number)

    @property
    def amount(self) -> Fen:
        """How much arrived in all."""
        return Fen(sum(part.amount for part in self.parts))

    def same_money(self, other: "PaymentReceived") -> bool:
        """Say whether another message under the same number tells of the same money."""
        shares = [{part.account_id: part.amount for part in one.parts} for one in (self, other)]
        return shares[0] == shares[1] and self.trade_number == other.trade_number


@dataclass(frozen=True, slots=True)
class Place:
    """What money pays: a bill, or its late-payment penalty."""

    bill_id: BillId
    penalty: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """Money as it was received, where it went, and what of it has gone back since.

    cash: the book it lies in. went: what it paid, by account; the rest was paid ahead. given_back: what was refunded or
    taken back, or is reserved for it, by account. refunds: in how many parts. last_refund_at: when the last of them may
    be sent.
    """

    payment: PaymentReceived
    cash: Book
    went: Mapping[AccountId, Mapping[Place, Fen]]
    given_back: Mapping[AccountId, Fen]
    refunds: int = 0
    last_refund_at: datetime | None = None

    def rest_of(self, account_id: AccountId) -> Fen:
        """Return what of an account's part has not gone back; 0 where it has none."""
        came = sum(part.amount for part in self.payment.parts if part.account_id == account_id)
        return Fen(came - self.given_back.get(account_id, 0))

    def stands_in(self, account_id: AccountId) -> dict[Place, Fen]:
        """Return what it still pays of an account. What has gone back was taken out of what was paid ahead first."""
        stands, rest = dict[Place, Fen](), self.rest_of(account_id)
        for place, amount in self.went.get(account_id, {}).items():
            stands[place] = Fen(max(0, min(amount, rest)))
            rest = Fen(rest - stands[place])
        return stands


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that one online payment may be; what is owed in full may always be paid."""

    least: Fen
    most: Fen


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a payment goes to a bill."""

    bill: Bill
    amount: Fen


@dataclass(frozen=True, slots=True)
class Allocated:
    """Where every fen of a payment goes: to bills, to the penalties of bills, and the rest, which is paid ahead."""

    shares: tuple[Share, ...]
    penalties: Mapping[BillId, Fen]
    rest: Fen

    @property
    def places(self) -> dict[Place, Fen]:
        """How much goes where."""
        bills = {Place(share.bill.id): share.amount for share in self.shares}
        return bills | {Place(bill_id, penalty=True): amount for bill_id, amount in self.penalties.items()}

    @property
    def to_bills(self) -> Fen:
        """What goes to bills themselves."""
        return Fen(sum(share.amount for share in self.shares))

    @property
    def to_penalties(self) -> Fen:
        """What goes to penalties."""
        return Fen(sum(self.penalties.values()))


def allocate(
    amount: Fen,
    bills: Sequence[Bill],
    *,
    penalties: Mapping[BillId, Fen] = MappingProxyType({}),
    order: Allocation = Allocation.PENALTY_LAST,
    named: Collection[BillId] = (),
) -> Allocated:
    """Spread a payment over payable bills in the order given, each to its full, and over penalties as `order` says.

    penalties: what is owed of each in its order; a bill that is paid but for its penalty is among them only.
    named: bills that go first, with their penalties, whatever else is owed.
    """
    first = [bill for bill in bills if bill.id in named]
    rest = [bill for bill in bills if bill.id not in named]
    places = [
        *_places(first, [bill_id for bill_id in penalties if bill_id in named], order),
        *_places(rest, [bill_id for bill_id in penalties if bill_id not in named], order),
    ]
    return _filled(amount, places, {bill.id: Share(bill, bill.owed) for bill in bills}, penalties)


def unwind(
    amount: Fen,
    bills: Sequence[Bill],
    *,
    penalties: Mapping[BillId, Fen],
    order: Allocation = Allocation.PENALTY_LAST,
    own: Collection[Place] = (),
    others: Mapping[Place, Fen] = MappingProxyType({}),
) -> Allocated:
    """Take money that was spread back: what `order` pays last goes first, and newer bills before older ones.

    bills: those that were paid, the newest first. penalties: what was paid of each, likewise. own: what this very money
    paid, which goes before all else. others: what other money paid, which stays. rest: what found no place.
    """
    places = _places(bills[::-1], list(penalties)[::-1], order)[::-1]
    places.sort(key=lambda place: place not in own)
    free = {bill.id: Share(bill, Fen(bill.paid - others.get(Place(bill.id), 0))) for bill in bills}
    paid = {one: Fen(fen - others.get(Place(one, penalty=True), 0)) for one, fen in penalties.items()}
    return _filled(amount, places, free, paid)


def _places(bills: Sequence[Bill], penalties: Sequence[BillId], order: Allocation) -> list[Place]:
    """Return where money goes in turn."""
    if order is Allocation.PENALTY_LAST:
        return [Place(bill.id) for bill in bills] + [Place(bill_id, penalty=True) for bill_id in penalties]
    payable = {bill.id for bill in bills}
    paid_but_for_it = [Place(bill_id, penalty=True) for bill_id in penalties if bill_id not in payable]
    return paid_but_for_it + [Place(bill.id, penalty=penalty) for bill in bills for penalty in (False, True)]


def _filled(
    amount: Fen, places: Sequence[Place], room: Mapping[BillId, Share], penalties: Mapping[BillId, Fen]
) -> Allocated:
    shares: list[Share] = []
    to_penalties: dict[BillId, Fen] = {}
    rest = amount
    for place in places:
        bill_id = place.bill_id
        part = Fen(min(rest, penalties.get(bill_id, 0) if place.penalty else room[bill_id].amount))
        if part <= 0:
            continue
        rest = Fen(rest - part)
        if place.penalty:
            to_penalties[bill_id] = part
        else:
            shares.append(Share(room[bill_id].bill, part))
    return Allocated(tuple(shares), to_penalties, rest)
