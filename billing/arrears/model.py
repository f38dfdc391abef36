"""Arrears: what is unpaid of a bill with its next reminder, and how its account is followed."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.arrears.penalty import Penalty
from gridhall.billing.arrears.policies import Policy, Stage, Step, SupplyClass, policy
from gridhall.billing.arrears.scoring import BUCKETS, Record
from gridhall.billing.arrears.states import LIFTS, Event, Hold, Standing, State
from gridhall.billing.bills.model import Bill, BillId, BillKind
from gridhall.billing.tariffs.catalogue import supply_of
from gridhall.kit.localdays import Days
from gridhall.kit.money import Fen

SYSTEM: Final = "system"
"""Who does what follows from the policy alone."""

_ONE_DAY: Final = timedelta(days=1)

STARTS: Final = Standing()
"""Where every account begins."""

UNKNOWN: Final = Record()
"""What is known of an account that was never in arrears."""

KEPT_ENTRIES: Final = 200
"""Lines of history that an account keeps; the oldest go first."""


def supply_class(tariff_code: str) -> SupplyClass:
    """Return the class of who is billed by a tariff. Homes behind a shared meter are homes."""
    return SupplyClass.OTHER if supply_of(tariff_code) == "commercial" else SupplyClass.RESIDENTIAL


def class_of(account: Account, *, today: date) -> SupplyClass:
    """Return the class of an account by its tariff of today; without one it is treated as a home, most gently."""
    tariff = account.tariff_in(Days(today, today + _ONE_DAY))
    return supply_class(tariff.code) if tariff else SupplyClass.RESIDENTIAL


@dataclass(frozen=True, slots=True)
class Debt:
    """An unpaid bill: what is owed of it, when its next reminder falls, and its penalty so far.

    owed: of the bill itself, without the penalty. It stays, at 0, as long as a penalty is owed. ladder_from: the day
    from which the days of the ladder are counted: the due date, unless the ladder was begun anew or set back. next_on:
    when the scan looks at it again; None where there is nothing more to do, and while something holds the account.
    reached: the last stage of which the customer was reminded. firm: whether it stands on real reads; nobody is cut for
    a provisional bill.
    """

    bill_id: BillId
    account_id: AccountId
    region: str
    org_path: str
    supply_class: SupplyClass
    due_on: date
    owed: Fen
    ladder_from: date
    next_on: date | None
    penalty: Penalty
    reached: Stage | None = None
    firm: bool = True

    @property
    def policy(self) -> Policy | None:
        """How it is followed."""
        return policy(self.region, self.supply_class, on=self.due_on)

    @property
    def settled(self) -> bool:
        """Whether nothing is owed any more, neither of the bill nor of its penalty."""
        return not self.owed and not self.penalty.outstanding

    def overdue(self, today: date) -> bool:
        """Whether its due date has passed and money is owed."""
        return self.owed > 0 and self.due_on < today

    def days_overdue(self, today: date) -> int:
        """Return how many days it is overdue; 0 or less where it is not."""
        return (today - self.due_on).days

    def not_today(self, today: date) -> "Debt":
        """Return it with nothing more to come today: a payment never leads to a harsher step on its own day."""
        if self.next_on is None or self.next_on > today:
            return self
        return replace(self, next_on=today + _ONE_DAY)


def debt_of(bill: Bill) -> Debt | None:
    """Return the debt of an issued bill; None where nothing is owed."""
    if bill.due_on is None or not bill.owed:
        return None
    debt = Debt(
        bill_id=bill.id,
        account_id=bill.account_id,
        region=bill.region,
        org_path=bill.org_path,
        supply_class=supply_class(bill.tariff_code),
        due_on=bill.due_on,
        owed=bill.owed,
        ladder_from=bill.due_on,
        next_on=None,
        penalty=Penalty.begin(bill.due_on),
        firm=bill.kind is BillKind.REGULAR,
    )
    return replace(debt, next_on=next_day(debt, after=date.min))


def next_day(debt: Debt, *, after: date) -> date | None:
    """Return the first day after a day on which to look at a debt: a step, or a day on which it is of another age."""
    ladder = debt.policy
    if ladder is None or not debt.owed:
        return None
    step = ladder.first_after(debt.reached)
    days = [step.falls_on(debt.ladder_from)] if step else []
    days += [debt.due_on + timedelta(days=border + 1) for border in (0, *BUCKETS)]
    return min((day for day in days if day > after), default=None)


def climb(debt: Debt, *, today: date) -> tuple[Stage | None, Debt]:
    """Return the stage to remind of today, None where there is none, and the debt as it waits for its next step.

    Of several steps whose days have come only the last is taken: nobody is reminded twice in one day.
    """
    ladder = debt.policy
    come = ladder.reached(due_on=debt.ladder_from, today=today) if ladder else None
    order = list(Stage)
    if come is None or (debt.reached is not None and order.index(come.stage) <= order.index(debt.reached)):
        return None, replace(debt, next_on=next_day(debt, after=today))
    reached = replace(debt, reached=come.stage)
    return come.stage, replace(reached, next_on=next_day(reached, after=today))


def parked(debt: Debt) -> Debt:
    """Return a debt of an account that something holds: the scan does not look at it until the hold ends."""
    return replace(debt, next_on=None)


def unparked(debt: Debt, *, today: date) -> Debt:
    """Return a debt whose account is held no more: the ladder goes on where it stood, tomorrow at the earliest."""
    return replace(debt, next_on=_tomorrow_if_due(debt, today) or next_day(debt, after=today))


def restarted(debt: Debt, *, today: date) -> Debt:
    """Return an overdue debt with its ladder begun anew: tomorrow the first reminder after the due date comes again."""
    ladder = debt.policy
    first = next((step for step in ladder.steps if step.days > 0), None) if ladder else None
    if ladder is None or first is None or not debt.overdue(today):
        return debt
    return _set_to(debt, first, ladder.before(first.stage), today)


def one_back(debt: Debt, *, today: date) -> Debt:
    """Return a debt one step back on the ladder: tomorrow the reminder that came last comes again."""
    ladder = debt.policy
    last = next((step for step in ladder.steps if step.stage is debt.reached), None) if ladder else None
    if ladder is None or last is None or not debt.owed:
        return unparked(debt, today=today)
    return _set_to(debt, last, ladder.before(last.stage), today)


def _set_to(debt: Debt, step: Step, reached: Stage | None, today: date) -> Debt:
    tomorrow = today + _ONE_DAY
    return replace(debt, reached=reached, ladder_from=tomorrow - timedelta(days=step.days), next_on=tomorrow)


def _tomorrow_if_due(debt: Debt, today: date) -> date | None:
    ladder = debt.policy
    step = ladder.first_after(debt.reached) if ladder and debt.owed else None
    return today + _ONE_DAY if step and step.falls_on(debt.ladder_from) <= today else None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of an account's history. by: name of a person, or `system`. note: why, in their words or as a code."""

    at: datetime
    by: str
    event: str
    state: State
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Days on which something held the account. to_day: None while it does, else a day that no longer counts."""

    hold: Hold
    from_day: date
    to_day: date | None = None


@dataclass(frozen=True, slots=True)
class Pursuit:
    """How an account is followed; there is none of an account that never was in arrears.

    since: when it came to its state. eased_on: the day of the last payment or hold: nothing harsher happens on it.
    shield: why it is protected: `hardship`, `life_support` or `critical`, empty where it is not. notice: the
    disconnection notice that was served last. overdue, oldest_due: what is overdue as it was last looked at. expected:
    what of that is likely to be paid; collectors begin with the most. record: what it did before. revision: one more at
    every change.
    """

    account_id: AccountId
    region: str
    org_path: str
    supply_class: SupplyClass
    standing: Standing = STARTS
    since: datetime | None = None
    eased_on: date | None = None
    shield: str = ""
    notice: str | None = None
    overdue: Fen = Fen(0)
    oldest_due: date | None = None
    expected: Fen = Fen(0)
    record: Record = UNKNOWN
    pauses: tuple[Pause, ...] = ()
    history: tuple[Entry, ...] = ()
    revision: int = 0

    @property
    def state(self) -> State:
        """Where the account stands, as it is shown."""
        return self.standing.state

    def policy(self, today: date) -> Policy | None:
        """How the account is followed today."""
        return policy(self.region, self.supply_class, on=self.oldest_due or today)

    def entered(self, standing: Standing, event: Event, *, by: str, note: str, now: datetime) -> "Pursuit":
        """Return it at another standing, with a line of history."""
        entry = Entry(now, by, str(event), standing.state, note)
        return replace(
            self,
            standing=standing,
            since=now if standing.state is not self.state or self.since is None else self.since,
            record=_recorded(self.record, self.standing, standing, event),
            history=(*self.history, entry)[-KEPT_ENTRIES:],
            revision=self.revision + 1,
        )

    def noted(self, what: str, *, by: str, note: str, now: datetime) -> "Pursuit":
        """Return it with a line of history and nothing else changed."""
        line = Entry(now, by, what, self.state, note)
        return replace(self, history=(*self.history, line)[-KEPT_ENTRIES:], revision=self.revision + 1)

    def eased(self, today: date) -> "Pursuit":
        """Return it with nothing harsher to happen today."""
        return replace(self, eased_on=today)

    def paused(self, hold: Hold, today: date) -> "Pursuit":
        """Return it with a hold that begins today."""
        return replace(self, pauses=(*self.pauses, Pause(hold, today)), eased_on=today)

    def resumed(self, hold: Hold, today: date) -> "Pursuit":
        """Return it with a hold ended: today no longer counts."""
        ended = tuple(
            replace(one, to_day=today) if one.hold is hold and one.to_day is None else one for one in self.pauses
        )
        return replace(self, pauses=ended)

    def free_days(self, rules: Policy, *, until: date) -> list[Days]:
        """Return the days before `until` on which the policy lets no penalty run, because of a hold."""
        return [
            Days(one.from_day, max(one.from_day, one.to_day or until))
            for one in self.pauses
            if one.hold in rules.fee_pauses
        ]


_NOT_OVERDUE: Final = frozenset({State.CURRENT, State.REMINDED, State.RECONNECTED, State.WRITTEN_OFF})


def _recorded(record: Record, before: Standing, after: Standing, event: Event) -> Record:
    if event is Event.FELL_OVERDUE and before.rung in _NOT_OVERDUE:
        return replace(record, overdue=record.overdue + 1)
    if event is Event.SETTLED and before.rung not in _NOT_OVERDUE:
        return replace(record, settled=record.settled + 1, kept=record.kept + len(before.holds - after.holds))
    if event in {Event.PROMISE_BROKEN, Event.PLAN_BROKEN} and LIFTS[event] in before.holds:
        return replace(record, broken=record.broken + 1)
    return record
