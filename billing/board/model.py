"""The stages of a billing cycle, from reading to review to collection, and what stands in each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.states import State
from gridhall.billing.bills.model import BillId
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen


class Stage(StrEnum):
    """Where an account's month stands. Every account of a region is in exactly one, but `cancelled` counts bills."""

    NOT_RUN = "not_run"
    """No run has come to it yet."""
    WAITING_READING = "waiting_reading"
    READING_DOUBTED = "reading_doubted"
    """A read was sent back to be taken again, or makes no sense."""
    WAITING_TARIFF = "waiting_tariff"
    WAITING_CONTRACT = "waiting_contract"
    WAITING_EARLIER = "waiting_earlier"
    """An earlier month is not billed, or is held."""
    WAITING_SUPPLIER = "waiting_supplier"
    """The supplier's billing system has not sent its bill yet."""
    SENT_BACK = "sent_back"
    """A reviewer rejected its bill; it is to be billed again."""
    HELD = "held"
    RELEASE_SENT_BACK = "release_sent_back"
    """A second person did not approve its release."""
    APPROVAL_WAITING = "approval_waiting"
    ISSUED = "issued"
    PART_PAID = "part_paid"
    OVERDUE = "overdue"
    IN_ARREARS = "in_arrears"
    """Overdue, and the account is in a step of the arrears procedure that people carry out."""
    PAID = "paid"
    WRITTEN_OFF = "written_off"
    CANCELLED = "cancelled"
    """Taken back by a credit note; where it was billed anew, the account also stands in another stage."""


WAITS: Final[Mapping[Stage, tuple[str, ...]]] = MappingProxyType(
    {
        Stage.WAITING_READING: (
            "no_register_read",
            "register_lacks_period",
            "register_read_estimated",
            "meter_changed",
        ),
        Stage.READING_DOUBTED: ("reread_pending", "register_ran_backwards", "registers_of_another_tariff"),
        Stage.WAITING_TARIFF: ("no_single_tariff", "no_tariff_version"),
        Stage.WAITING_CONTRACT: ("no_service_point", "before_account_was_kept"),
        Stage.WAITING_EARLIER: ("earlier_month_not_billed", "earlier_month_held", "earlier_month_provisional"),
        Stage.WAITING_SUPPLIER: ("billed_by_supplier",),
        Stage.SENT_BACK: ("sent_back",),
    }
)
"""What a month waits for, by its stage."""

STAGE_OF_WAIT: Final[Mapping[str, Stage]] = MappingProxyType(
    {code: stage for stage, codes in WAITS.items() for code in codes}
)

PROCEDURE: Final = frozenset(State) - {
    State.CURRENT,
    State.REMINDED,
    State.OVERDUE,
    State.RECONNECTED,
    State.WRITTEN_OFF,
}
"""States of an account that people work on; the others go by themselves."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a stage are of a kind: with a person, or for a reason. name: empty for nobody."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """What stands in a stage.

    count: accounts, each with one bill at most. amount: of their bills; what is still owed of those that are issued.
    since: when the oldest of them came there (of overdue ones, the first day after the last of payment). owners: whose
    they are. reasons: codes of waits, of findings, or states of arrears.
    """

    stage: Stage
    count: int
    amount: Fen = Fen(0)
    since: datetime | None = None
    owners: tuple[Share, ...] = ()
    reasons: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """The board of a region's month, or of some units of it. rows: in order of the stages, those that are empty too."""

    region: str
    month: Month
    accounts: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An account in a stage.

    why: codes with their numbers or words: what it waits for, what the review found, why it was sent back. place: where
    the next page goes on.
    """

    account_id: AccountId
    place: str
    bill_id: BillId | None = None
    bill_number: str | None = None
    amount: Fen = Fen(0)
    since: datetime | None = None
    owner: str | None = None
    why: tuple[tuple[str, str], ...] = ()
