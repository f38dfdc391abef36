"""A request: what moves money or cuts a supply, prepared by one person, and above a limit approved by another.

It carries all that is needed to carry it out, so that what is executed is what was approved, word for word.
"""

import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NewType
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bills.model import BILL_RUN
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction

RequestId = NewType("RequestId", UUID)

BY_RULE: Final = "rule"
"""Who decided where no second person is asked for."""

SUMMED_OVER: Final = timedelta(days=1)
"""For how long amounts that needed no second person count together: a large one cut in pieces stays a large one."""

_NAMESPACE: Final = UUID("7b1f4b0e-5d0a-5c1e-9a51-2f5f0a6f3c11")


class Kind(StrEnum):
    """What is asked for."""

    RELEASE = "release"
    """Issuing a bill that the review had held."""
    REBILL = "rebill"
    """A credit note for an issued bill, and a new one in its place."""
    REFUND = "refund"
    WAIVER = "waiver"
    """Letting a late-payment penalty off."""
    WRITE_OFF = "write_off"
    PLAN = "plan"
    """Letting arrears be paid in rates."""
    CASH_REVERSAL = "cash_reversal"
    """Taking back that cash was received."""
    DISCONNECT = "disconnect"
    """Cutting a supply for arrears."""
    BALANCE_CUT = "balance_cut"
    """Cutting a supply whose balance is used up."""
    SWITCH_MODE = "switch_mode"
    """Letting an account pay ahead, or no more."""


class State(StrEnum):
    """Where a request stands. Only the first may change."""

    WAITING = "waiting"
    APPROVED = "approved"
    """And carried out, in the same transaction."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Request:
    """Something that somebody has prepared.

    key: what tells it from every other of its kind: the bill's id, the refund's number. amount: what is at stake.
    reason: why it is asked for. payload: plain data that the executor needs. barred: names of others who had a part
    in it, and so cannot approve it either. decision: the reason of whoever approved or refused it.
    """

    id: RequestId
    kind: Kind
    key: str
    account_id: AccountId
    region: str
    org_path: str
    amount: Fen
    reason: str
    prepared_by: str
    prepared_at: datetime
    payload: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    barred: tuple[str, ...] = ()
    state: State = State.WAITING
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision: str = ""

    @property
    def preparer(self) -> str | None:
        """Whose it is, however the name is written; None where no person prepared it, but a bill run."""
        return None if self.prepared_by == BILL_RUN else _as_one(self.prepared_by)

    @property
    def acted_at(self) -> datetime:
        """When it is carried out or dismissed: as it is decided."""
        return self.decided_at or self.prepared_at

    @property
    def acted_by(self) -> str:
        """Who does so: whoever decided it."""
        return self.decided_by or self.prepared_by

    def may_be_approved_by(self, name: str) -> bool:
        """Whether somebody had no part in preparing it. A name written otherwise is the same person's."""
        return _as_one(name) not in {_as_one(one) for one in (self.prepared_by, *self.barred)}

    def decided(self, state: State, *, by: str, reason: str, now: datetime) -> "Request":
        """Return it as approved or refused."""
        return replace(self, state=state, decided_by=by, decision=reason, decided_at=now)


Executor = Callable[[Request, Transaction], Awaitable[None]]
"""Carries a request out, in the transaction that approves it. Raises OvertakenError where it is not possible now."""

Afterwards = Callable[[Request], Awaitable[None]]
"""What is looked at once a request was carried out, outside its transaction; it may be done twice, or not at all."""


@dataclass(frozen=True, slots=True)
class Limits:
    """For each kind, the amount below which one person is enough. A kind that is not named always needs two.

    fen: of one request, and of all on an account within a day. a_day: of all that one person prepares within a day,
    whatever the accounts; no limit for a kind that is not named.
    """

    fen: Mapping[Kind, Fen]
    a_day: Mapping[Kind, Fen] = field(default_factory=lambda: MappingProxyType({}))

    def one_is_enough(self, request: Request, *, on_account: Fen = Fen(0), by_preparer: Fen = Fen(0)) -> bool:
        """Whether a request needs no second person.

        on_account, by_preparer: what went by the same rule within a day, on its account and by who prepared it.
        """
        amount, a_day = abs(request.amount), self.a_day.get(request.kind)
        small = amount + on_account < self.fen.get(request.kind, Fen(0))
        return small and (request.preparer is None or a_day is None or amount + by_preparer < a_day)


SHIPPED: Final[Mapping[Kind, Fen]] = MappingProxyType(
    {
        Kind.RELEASE: Fen(500_000),
        Kind.REBILL: Fen(100_000),
        Kind.REFUND: Fen(50_000),
        Kind.WAIVER: Fen(10_000),
        Kind.WRITE_OFF: Fen(0),
        Kind.PLAN: Fen(200_000),
        Kind.CASH_REVERSAL: Fen(0),
        Kind.DISCONNECT: Fen(0),
        Kind.BALANCE_CUT: Fen(0),
        Kind.SWITCH_MODE: Fen(0),
    }
)
"""The limits where the settings name no other: what gives money up for good, or cuts a supply, always needs two."""


SHIPPED_A_DAY: Final[Mapping[Kind, Fen]] = MappingProxyType(
    {
        Kind.RELEASE: Fen(10_000_000),
        Kind.REBILL: Fen(1_000_000),
        Kind.REFUND: Fen(500_000),
        Kind.WAIVER: Fen(100_000),
        Kind.PLAN: Fen(2_000_000),
    }
)
"""Ten times the limit of one, and twenty of a release, which is a reviewer's daily work: ours, from no rule book."""


def limits_of(chosen: Mapping[str, int], a_day: Mapping[str, int] = MappingProxyType({})) -> Limits:
    """Return the limits with those that were chosen. Raises ValueError for a kind that there is not, or below zero."""
    return Limits(
        {**SHIPPED, **_named(chosen, setting="approval_limits")},
        {**SHIPPED_A_DAY, **_named(a_day, setting="approval_day_limits")},
    )


def _named(chosen: Mapping[str, int], *, setting: str) -> dict[Kind, Fen]:
    for name, fen in chosen.items():
        if name not in set(Kind) or fen < 0:
            raise ValueError(f"{setting}: {name}: {fen}; name one of {', '.join(Kind)}, with fen of at least 0")
    return {Kind(name): Fen(fen) for name, fen in chosen.items()}


def request_id(kind: Kind, key: str) -> RequestId:
    """Return the id of a kind's request: the same key is the same request."""
    return RequestId(uuid5(_NAMESPACE, f"{kind} {key}"))


def _as_one(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def request_for(
    account: Account,
    *,
    kind: Kind,
    key: str,
    amount: Fen,
    reason: str,
    by: str,
    now: datetime,
    payload: Mapping[str, object] = MappingProxyType({}),
    barred: tuple[str, ...] = (),
) -> Request:
    """Return a request that concerns an account and waits; nothing is written."""
    return Request(
        id=request_id(kind, key),
        kind=kind,
        key=key,
        account_id=account.id,
        region=account.region,
        org_path=account.org_path,
        amount=amount,
        reason=reason,
        prepared_by=by,
        prepared_at=now,
        payload=payload,
        barred=tuple(name for name in dict.fromkeys(barred) if name != by),
    )


class OvertakenError(Exception):
    """What was prepared cannot be done any more: the bill was rejected meanwhile, the money is gone.

    why: a short code in English, like `not_held`.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
