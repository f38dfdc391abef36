"""Reconciling a day: what we lack is asked for and settled, what still differs becomes a case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from gridhall.billing.cases.model import CaseKind, case_of
from gridhall.billing.cases.operations import Cases, open_cases
from gridhall.billing.payments.model import PaymentReceived, TradeNumber
from gridhall.billing.payments.online import settle_trade
from gridhall.billing.payments.operations import AlreadySettled, NumberTakenError, Settled, UnknownAccountError
from gridhall.billing.payments.port import (
    OnlineProvider,
    ProviderUnavailableError,
    RefundTold,
    StatementLine,
    TradeState,
)
from gridhall.billing.payments.till import Payments
from gridhall.billing.reconciliation.model import Difference, Found, Reconciliation, reconciliation_id
from gridhall.billing.reconciliation.repository import ReconciliationRepository
from gridhall.billing.refunds.model import Refund, RefundNumber, State
from gridhall.billing.refunds.operations import Refunds, told
from gridhall.kit.localdays import day_start, local_day
from gridhall.kit.money import Fen

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Reconciling:
    """What reconciling needs at hand.

    zone: of the days of statements. books_region: whose accountants look into money that is of no region.
    """

    payments: Payments
    refunds: Refunds
    cases: Cases
    reconciliations: ReconciliationRepository
    zone: str
    books_region: str


async def reconcile(*, reconciling: Reconciling, provider: OnlineProvider, day: date, now: datetime) -> Reconciliation:
    """Compare a provider's statement of a local day with what we have posted, line by line.

    Idempotent: done again it looks anew, and a difference that is still there is the same case.
    Raises StatementNotReadyError and ProviderUnavailableError.
    """
    statement = await provider.statement(day)
    so_far = Reconciliation(provider.name, day, now)
    seen: set[str] = set()
    for start in range(0, len(statement), _AT_ONCE):
        lines = statement[start : start + _AT_ONCE]
        so_far = await _compare(reconciling, provider, lines, so_far, seen, now=now)
    so_far = await _theirs_missing(reconciling, so_far, seen, day, now)
    so_far = await _refunds_missing(reconciling, so_far, now=now)
    await reconciling.reconciliations.put(so_far)
    return so_far


async def _compare(
    reconciling: Reconciling,
    provider: OnlineProvider,
    lines: Sequence[StatementLine],
    so_far: Reconciliation,
    seen: set[str],
    *,
    now: datetime,
) -> Reconciliation:
    payments = [line for line in lines if line.refund_number is None]
    till = reconciling.payments
    known = await till.received.many(provider=provider.name, numbers=[line.provider_number for line in payments])
    numbers = [RefundNumber(line.refund_number) for line in lines if line.refund_number]
    refunds = await reconciling.refunds.refunds.load(numbers)
    found: list[Found] = []
    for line in lines:
        number = line.refund_number or line.provider_number
        so_far = replace(so_far, lines=so_far.lines + 1, theirs=Fen(so_far.theirs + line.amount))
        if number in seen:
            found.append(Found(Difference.DUPLICATE, number, line.amount, Fen(0)))
            continue
        seen.add(number)
        if line.refund_number is not None:
            so_far, difference = await _refund_line(reconciling, line, refunds, so_far, now=now)
        else:
            so_far, difference = await _payment_line(reconciling, provider, line, known, so_far, now=now)
        found += [difference] if difference else []
    await open_differences(reconciling, so_far, found, now)
    await reconciling.refunds.refunds.note_stated(numbers, day=so_far.day)
    return so_far.differs(found)


async def _payment_line(
    reconciling: Reconciling,
    provider: OnlineProvider,
    line: StatementLine,
    known: Mapping[str, PaymentReceived],
    so_far: Reconciliation,
    *,
    now: datetime,
) -> tuple[Reconciliation, Found | None]:
    till = reconciling.payments
    ours = known.get(line.provider_number)
    recovered = False
    if ours is None:
        recovered = await _recover(till, provider, line, now)
        ours = await till.received.find(provider=provider.name, number=line.provider_number)
    if ours is None:
        intent = await till.intents.load(TradeNumber(line.trade_number))
        region = intent.region if intent else None
        # An order that is paid, under another number of the provider's, was paid twice.
        twice = intent is not None and await till.received.of_trade(intent.number)
        difference = Difference.DUPLICATE if twice else Difference.OURS_MISSING
        return so_far, Found(difference, line.provider_number, line.amount, Fen(0), region)
    so_far = replace(so_far, ours=Fen(so_far.ours + ours.amount))
    if ours.amount != line.amount:
        return so_far, Found(Difference.AMOUNT_DIFFERS, line.provider_number, line.amount, ours.amount)
    return replace(so_far, matched=so_far.matched + 1, recovered=so_far.recovered + recovered), None


async def _recover(till: Payments, provider: OnlineProvider, line: StatementLine, now: datetime) -> bool:
    """Ask about money of which no callback came, and settle it. Say whether it was settled; else it differs."""
    try:
        trade = await provider.query(line.trade_number)
        outcome = await settle_trade(payments=till, provider=provider.name, trade=trade, now=now)
    except (ProviderUnavailableError, NumberTakenError, UnknownAccountError):
        return False
    return isinstance(outcome, Settled | AlreadySettled)


async def _refund_line(
    reconciling: Reconciling,
    line: StatementLine,
    known: Mapping[RefundNumber, Refund],
    so_far: Reconciliation,
    *,
    now: datetime,
) -> tuple[Reconciliation, Found | None]:
    number = RefundNumber(str(line.refund_number))
    refund, recovered = known.get(number), False
    if refund is not None and refund.state in {State.APPROVED, State.ACCEPTED} and refund.amount == -line.amount:
        # Their statement is their word that it went.
        news = RefundTold(number, TradeState.REFUNDED, refund.amount, line.provider_number, line.at)
        refund, recovered = await told(refunds=reconciling.refunds, told=news, now=now), True
    if refund is None or refund.state is not State.DONE:
        region = refund.region if refund else None
        return so_far, Found(Difference.OURS_MISSING, number, line.amount, Fen(0), region)
    so_far = replace(so_far, ours=Fen(so_far.ours - refund.amount))
    if refund.amount != -line.amount:
        return so_far, Found(Difference.AMOUNT_DIFFERS, number, line.amount, Fen(-refund.amount), refund.region)
    return replace(so_far, matched=so_far.matched + 1, recovered=so_far.recovered + recovered), None


async def _theirs_missing(
    reconciling: Reconciling, so_far: Reconciliation, seen: set[str], day: date, now: datetime
) -> Reconciliation:
    """Walk what we have posted of the day, and find what their statement does not name."""
    begin, end = (day_start(one, reconciling.zone) for one in (day, day + timedelta(days=1)))
    after = None
    while ours := await reconciling.payments.received.of_day(
        provider=so_far.provider, begin=begin, end=end, after=after, limit=_AT_ONCE
    ):
        after = (ours[-1].paid_at, ours[-1].provider_number)
        found = [
            Found(Difference.THEIRS_MISSING, one.provider_number, Fen(0), one.amount)
            for one in ours
            if one.provider_number not in seen
        ]
        await open_differences(reconciling, so_far, found, now)
        so_far = replace(so_far, ours=Fen(so_far.ours + sum(one.ours for one in found))).differs(found)
    return so_far


async def _refunds_missing(reconciling: Reconciling, so_far: Reconciliation, *, now: datetime) -> Reconciliation:
    """Find what we gave back of which no statement tells.

    A refund stands in the statement of the day on which it was asked for, or of the one on which it was done, by the
    provider's clock: so it is looked for once the day on which it was done and those beside it were all reconciled.
    """
    near = [so_far.day + timedelta(days=days) for days in range(-2, 3)]
    ids = [reconciliation_id(so_far.provider, day) for day in near]
    known = await reconciling.reconciliations.known(ids) | {so_far.id}
    for at in range(1, len(near) - 1):
        if known.issuperset(ids[at - 1 : at + 2]):
            so_far = await _unstated(reconciling, so_far, near[at], now=now)
    return so_far


async def _unstated(reconciling: Reconciling, so_far: Reconciliation, day: date, *, now: datetime) -> Reconciliation:
    begin, end = (day_start(one, reconciling.zone) for one in (day, day + timedelta(days=1)))
    after = None
    while ours := await reconciling.refunds.refunds.unstated(
        provider=so_far.provider, begin=begin, end=end, after=after, limit=_AT_ONCE
    ):
        after = (ours[-1].done_at or end, ours[-1].number)
        found = [Found(Difference.THEIRS_MISSING, one.number, Fen(0), Fen(-one.amount), one.region) for one in ours]
        await open_differences(reconciling, replace(so_far, day=day), found, now)
        so_far = so_far.differs(found)
    return so_far


async def open_differences(
    reconciling: Reconciling, so_far: Reconciliation, found: Sequence[Found], now: datetime
) -> None:
    """Open a case for each difference of a day; those that have one are left as they are."""
    today = local_day(now, reconciling.zone)
    cases = [
        case_of(
            kind=CaseKind.STATEMENT_DIFFERENCE,
            key=f"{so_far.id}:{one.difference}:{one.number}",
            region=one.region or reconciling.books_region,
            amount=Fen(one.ours - one.theirs),
            evidence=(
                ("provider", so_far.provider),
                ("day", so_far.day.isoformat()),
                ("difference", str(one.difference)),
                ("number", one.number),
                ("theirs_fen", str(one.theirs)),
                ("ours_fen", str(one.ours)),
            ),
            now=now,
            today=today,
        )
        for one in found
    ]
    await open_cases(reconciling.cases, cases)
