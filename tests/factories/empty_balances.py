"""An account that pays ahead and whose balance is used up, and what may become of its supply."""

from datetime import UTC, date, datetime, timedelta

from gridhall.api.state import State
from gridhall.billing.accounts.model import Account, PrepaidStay, Term
from gridhall.billing.approvals.model import Kind
from gridhall.billing.approvals.operations import Decided, SamePerson, Waiting, decide
from gridhall.billing.arrears.cutting.model import Notice, Proof, ProofWay
from gridhall.billing.arrears.cutting.notices import serve
from gridhall.billing.arrears.shielding import Shield, shield
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle
from gridhall.billing.prepayment.cutting import ask_for_cut, propose
from gridhall.billing.prepayment.model import Cut
from gridhall.billing.prepayment.watching import watch
from gridhall.kit.localdays import Days
from gridhall.kit.money import Fen
from gridhall.kit.subject import Refusal
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from tests.factories.accounts import an_account, point_of

REGION = "guangzhou"
MARCH = date(2026, 3, 1)
TUESDAY = date(2026, 3, 17)
MORNING = datetime(2026, 3, 17, 2, tzinfo=UTC)
"""10:00 in Guangzhou, with working days around it."""


async def used(state: State, account: Account, days: Days, *, quality: int = 0) -> None:
    pieces = [
        DayPiece(
            key=day_key(point_of(account), IMPORT_KWH, day),
            minutes=60,
            scale=3,
            zone="Asia/Shanghai",
            calendar="single",
            values=[1000] * 24,
            quality=bytearray([quality] * 24),
        )
        for day in days
    ]
    await record(pieces=pieces, histories=state.hall.billing.histories, now=MORNING)


async def an_empty_account(
    state: State, *, quality: int = 0, terms: tuple[Term, ...] = (), served: bool = True
) -> Account:
    """An account whose balance has been used up for more than a week, which it was told, reckoned each day.

    quality: of the readings since then.
    """
    made = an_account(
        7,
        tariff="guangzhou-residential",
        kept_since=MARCH,
        region=REGION,
        prepaid_stays=(PrepaidStay(MARCH),),
        terms=terms,
    )
    links = (MeterLink("MF007", MARCH),)
    point = ServicePoint(point_of(made), REGION, "grid/city", "Asia/Shanghai", "single", links)
    await register_points(points=[point], meters=[Meter("MF007")], repository=state.metering.points)
    billing = state.hall.billing
    await billing.accounts.add([made])
    emptied = MORNING - timedelta(days=8)
    await used(state, made, Days(MARCH, emptied.date()))
    await watch(prepaying=billing.prepaying, account_ids=[made.id], now=emptied)
    await propose(prepaying=billing.prepaying, account_ids=[made.id], now=emptied)
    for notice in await notices(state, made) if served else ():
        await arrives(state, notice, at=emptied)
    for offset in range(7, -1, -1):
        now = MORNING - timedelta(days=offset)
        await used(state, made, Days(emptied.date(), now.date()), quality=quality)
        await watch(prepaying=billing.prepaying, account_ids=[made.id], now=now)
    return made


async def notices(state: State, account: Account) -> list[Notice]:
    return await state.hall.billing.prepaying.notices.of_accounts([account.id])


async def arrives(state: State, notice: Notice, *, at: datetime) -> None:
    """A gateway takes the message of a notice."""
    proof = Proof(ProofWay.SMS, at, "system", reference=f"sms-{notice.id}")
    await serve(serving=state.hall.billing.follow_up.serving, notice_id=notice.id, proof=proof, now=at)


async def cut_of(state: State, account: Account) -> Cut:
    return (await state.hall.billing.prepaying.following.prepayments.load([account.id]))[account.id].cut


async def two_persons_agree(state: State, account: Account, *, now: datetime) -> None:
    billing = state.hall.billing
    assert await propose(prepaying=billing.prepaying, account_ids=[account.id], now=now) == 1
    asked = await ask_for_cut(
        prepaying=billing.prepaying,
        approvals=billing.approvals,
        account_id=account.id,
        reason="balance used up",
        by="Collector",
        now=now,
    )
    assert isinstance(asked, Waiting)
    assert asked.request.kind is Kind.BALANCE_CUT
    alone = await decide(
        approvals=billing.approvals, request_id=asked.request.id, by="Collector", approve=True, reason="", now=now
    )
    assert isinstance(alone, SamePerson)
    both = await decide(
        approvals=billing.approvals, request_id=asked.request.id, by="Supervisor", approve=True, reason="ok", now=now
    )
    assert isinstance(both, Decided)


async def shielded_for_life(state: State, account: Account, *, now: datetime) -> None:
    shielded = await shield(
        mongo=state.mongo,
        following=state.hall.billing.arrears.following,
        account_id=account.id,
        why=Shield.LIFE_SUPPORT,
        by="Supervisor",
        note="oxygen",
        now=now,
    )
    assert not isinstance(shielded, Refusal)


async def pay(state: State, account: Account, fen: int, *, now: datetime) -> None:
    money = PaymentReceived.for_account("bank", f"{now}", account.id, Fen(fen), now)
    await settle(payments=state.hall.billing.payments, payment=money, cash=Book.CASH_BANK, now=now)
