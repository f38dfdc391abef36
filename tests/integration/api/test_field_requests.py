"""The field system over HTTP: it takes what is asked, does it, loses it, fails; and nobody is cut who may not be."""

from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest

from gridhall.api.state import State
from gridhall.billing.accounts.model import Term
from gridhall.billing.arrears.cutting.model import NoticeKind
from gridhall.billing.arrears.cutting.policies import NOT_NOTIFIED
from gridhall.billing.arrears.model import Pursuit
from gridhall.billing.arrears.moving import move
from gridhall.billing.arrears.policies import SupplyClass
from gridhall.billing.arrears.states import Event, Standing
from gridhall.billing.arrears.states import State as StandingState
from gridhall.billing.cases.model import CaseKind
from gridhall.billing.cases.repository import Wanted
from gridhall.billing.field.operations import look_after
from gridhall.billing.prepayment.cutting import ask_for_cut, propose
from gridhall.billing.prepayment.model import Cut
from gridhall.billing.prepayment.policies import NOT_FIRM
from gridhall.billing.prepayment.watching import watch
from gridhall.billing.supply.model import BALANCE, SupplyKind, SupplyState
from gridhall.kit.clock import Clock
from gridhall.kit.localdays import Days
from gridhall.kit.mongo import Transaction
from gridhall.metering.feed.clients import add_client
from gridhall.simulators.field import FieldOrders, FieldSystem
from tests.factories.empty_balances import (
    MARCH,
    MORNING,
    REGION,
    TUESDAY,
    an_empty_account,
    arrives,
    cut_of,
    notices,
    pay,
    shielded_for_life,
    two_persons_agree,
    used,
)


class Moved(Clock):
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = MORNING

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock(state: State) -> Moved:
    moved = Moved()
    object.__setattr__(state, "clock", moved)
    object.__setattr__(state.hall, "clock", moved)
    return moved


@pytest.fixture
async def system(state: State, http: httpx.AsyncClient, clock: Moved) -> FieldSystem:
    clients = state.hall.billing.field_work.clients
    token = await add_client(name="guangzhou-field", regions=[REGION], clients=clients, now=clock.now())
    return FieldSystem(http, token)


async def test_from_an_empty_balance_to_the_cut_and_back_by_money(
    state: State, system: FieldSystem, clock: Moved
) -> None:
    account = await an_empty_account(state)
    await two_persons_agree(state, account, now=clock.now())
    assert await system.poll() == 0, "the last call comes first"
    clock.at = MORNING + timedelta(hours=2)
    assert await system.poll() == 1
    assert (system.supply, await cut_of(state, account)) == ({"MF007": False}, Cut.DONE)
    await pay(state, account, 100000, now=clock.now())
    assert await cut_of(state, account) is Cut.RESTORING
    assert await system.poll() == 1
    assert (system.supply, await cut_of(state, account)) == ({"MF007": True}, Cut.NONE)
    assert await system.poll() == 0


async def test_who_pays_before_the_field_system_took_it_is_not_cut(
    state: State, system: FieldSystem, clock: Moved
) -> None:
    account = await an_empty_account(state)
    await two_persons_agree(state, account, now=clock.now())
    clock.at = MORNING + timedelta(hours=2)
    listed = (await system._call("GET", "/v1/field/requests")).json()["requests"]
    await pay(state, account, 100000, now=clock.now())
    taken = await system._call("POST", f"/v1/field/requests/{listed[0]['id']}/acknowledge", json={})
    assert (taken.status_code, taken.json()["code"]) == (409, "field.withdrawn")
    assert (await system.poll(), system.supply, await cut_of(state, account)) == (0, {}, Cut.NONE)


@pytest.mark.parametrize(
    "hour",
    [
        pytest.param(timedelta(hours=12), id="at night"),
        pytest.param(timedelta(days=3), id="on the eve of a weekend"),
        pytest.param(timedelta(days=4), id="on a weekend"),
    ],
)
async def test_nobody_is_cut(state: State, system: FieldSystem, clock: Moved, hour: timedelta) -> None:
    account = await an_empty_account(state)
    await two_persons_agree(state, account, now=clock.now())
    clock.at = MORNING + hour
    await used(state, account, Days(MARCH, clock.at.date()))
    await watch(prepaying=state.hall.billing.prepaying, account_ids=[account.id], now=clock.at)
    await system.poll()
    assert system.tally == {"refused": 1}
    assert (system.supply, await cut_of(state, account)) == ({}, Cut.NONE)


async def test_nobody_is_proposed_on_estimates_or_stale_readings(state: State, clock: Moved) -> None:
    billing = state.hall.billing
    account = await an_empty_account(state, quality=8)
    assert await propose(prepaying=billing.prepaying, account_ids=[account.id], now=clock.now()) == 0
    await used(state, account, Days(MARCH, TUESDAY))
    await watch(prepaying=billing.prepaying, account_ids=[account.id], now=clock.now())
    later = clock.now() + timedelta(days=3)
    await watch(prepaying=billing.prepaying, account_ids=[account.id], now=later)
    assert await propose(prepaying=billing.prepaying, account_ids=[account.id], now=later) == 0
    refused = await ask_for_cut(
        prepaying=billing.prepaying,
        approvals=billing.approvals,
        account_id=account.id,
        reason="balance used up",
        by="Collector",
        now=later,
    )
    assert refused == NOT_FIRM
    assert await propose(prepaying=billing.prepaying, account_ids=[account.id], now=clock.now()) == 1


async def test_the_vulnerable_are_not_proposed_and_get_their_supply_back(
    state: State, system: FieldSystem, clock: Moved
) -> None:
    billing = state.hall.billing
    account = await an_empty_account(state)
    await two_persons_agree(state, account, now=clock.now())
    clock.at = MORNING + timedelta(hours=2)
    await system.poll()
    assert system.supply == {"MF007": False}
    await shielded_for_life(state, account, now=clock.now())
    assert await cut_of(state, account) is Cut.RESTORING, "at once: nobody on life support waits for the next day"
    assert await propose(prepaying=billing.prepaying, account_ids=[account.id], now=clock.now()) == 0
    await system.poll()
    assert system.supply == {"MF007": True}


async def test_who_is_shielded_between_the_approval_and_the_cut_is_not_cut(
    state: State, system: FieldSystem, clock: Moved
) -> None:
    account = await an_empty_account(state)
    await two_persons_agree(state, account, now=clock.now())
    await shielded_for_life(state, account, now=clock.now())
    assert await cut_of(state, account) is Cut.NONE
    clock.at = MORNING + timedelta(hours=2)
    assert (await system.poll(), system.supply) == (0, {})


async def test_without_proof_that_a_notice_arrived_nobody_is_proposed(state: State, clock: Moved) -> None:
    billing = state.hall.billing
    account = await an_empty_account(state, served=False)

    async def proposed(now: datetime) -> int:
        return await propose(prepaying=billing.prepaying, account_ids=[account.id], now=now)

    assert [await proposed(clock.now()) for _ in range(2)] == [0, 0]
    (notice,) = await notices(state, account)
    assert (notice.kind, notice.days, notice.made_at) == (NoticeKind.BALANCE, 7, MORNING - timedelta(days=8))
    assert notice.balance
    assert notice.balance < 0
    refused = await ask_for_cut(
        prepaying=billing.prepaying,
        approvals=billing.approvals,
        account_id=account.id,
        reason="balance used up",
        by="Collector",
        now=clock.now(),
    )
    assert refused == NOT_NOTIFIED
    await arrives(state, notice, at=clock.now())
    for offset, expected in ((7, 0), (8, 1)):
        later = clock.now() + timedelta(days=offset)
        await used(state, account, Days(TUESDAY, later.date()))
        await watch(prepaying=billing.prepaying, account_ids=[account.id], now=later)
        assert await proposed(later) == expected
    assert len(await notices(state, account)) == 1


async def test_a_balance_that_is_used_up_anew_needs_a_notice_anew(state: State, clock: Moved) -> None:
    billing = state.hall.billing
    account = await an_empty_account(state)
    found = (await billing.prepaying.following.prepayments.load([account.id]))[account.id]
    (fresh,) = (await billing.accounts.load([account.id])).values()
    await pay(state, account, 1 - found.balance(fresh), now=clock.now())
    later = clock.now() + timedelta(days=2)
    await used(state, account, Days(TUESDAY, later.date()))
    await watch(prepaying=billing.prepaying, account_ids=[account.id], now=later)
    assert await propose(prepaying=billing.prepaying, account_ids=[account.id], now=later) == 0
    newest, before = await notices(state, account)
    assert newest.served_at is None
    assert before.served_at is not None


async def test_arrears_that_ease_leave_the_cut_of_a_balance_alone(state: State, clock: Moved) -> None:
    billing = state.hall.billing
    account = await an_empty_account(state)
    await two_persons_agree(state, account, now=clock.now())
    following = billing.arrears.following
    standing = Standing(StandingState.DISCONNECTION_PROPOSED)
    pursuit = Pursuit(account.id, REGION, account.org_path, SupplyClass.RESIDENTIAL, standing)

    async def settled(transaction: Transaction) -> None:
        await move(
            following=following,
            pursuit=pursuit,
            event=Event.SETTLED,
            by="system",
            note="",
            transaction=transaction,
            now=clock.now(),
        )

    await state.mongo.transact(settled)
    (request,) = await following.supply.open_of(account.id, kind=SupplyKind.DISCONNECT)
    assert (request.reason, request.state) == (BALANCE, SupplyState.ASKED)


async def test_a_subsidised_household_is_never_proposed(state: State, clock: Moved) -> None:
    account = await an_empty_account(state, terms=(Term("subsidised", MARCH),))
    assert await propose(prepaying=state.hall.billing.prepaying, account_ids=[account.id], now=clock.now()) == 0


async def test_restoring_that_is_lost_or_fails_is_asked_for_again(
    state: State, system: FieldSystem, clock: Moved
) -> None:
    billing = state.hall.billing
    account = await an_empty_account(state)
    await two_persons_agree(state, account, now=clock.now())
    clock.at = MORNING + timedelta(hours=2)
    await system.poll()
    await pay(state, account, 100000, now=clock.now())
    system.orders = FieldOrders(lose=1)
    await system.poll()
    assert await system.poll() == 0
    clock.at += timedelta(hours=5)
    assert await look_after(work=billing.field_work, region=REGION, now=clock.now()) == 1
    clock.at += timedelta(minutes=30)
    system.orders = FieldOrders(fail=2)
    for _ in range(3):
        await system.poll()
        clock.at += timedelta(hours=1)
    assert (system.tally, system.supply) == ({"done": 2, "lost": 1, "failed": 2}, {"MF007": True})
    wanted = Wanted(REGION, ("",), kinds=(CaseKind.SUPPLY_REQUEST,))
    (case,) = await billing.cases.cases.page(wanted, after=None, limit=5)
    assert ("tries", "3") in case.evidence
    done = await billing.prepaying.following.supply.of_accounts([account.id])
    assert {(one.kind, one.state) for one in done} == {
        (SupplyKind.DISCONNECT, SupplyState.DONE),
        (SupplyKind.RECONNECT, SupplyState.DONE),
    }


async def test_a_cut_that_nobody_takes_is_withdrawn(state: State, clock: Moved) -> None:
    billing = state.hall.billing
    account = await an_empty_account(state)
    await two_persons_agree(state, account, now=clock.now())
    clock.at = MORNING + timedelta(days=4)
    assert await look_after(work=billing.field_work, region=REGION, now=clock.now()) == 1
    assert await cut_of(state, account) is Cut.NONE


async def test_a_token_sees_its_own_regions_and_a_feed_token_none(
    state: State, http: httpx.AsyncClient, system: FieldSystem, clock: Moved
) -> None:
    account = await an_empty_account(state)
    await two_persons_agree(state, account, now=clock.now())
    clock.at = MORNING + timedelta(hours=2)
    (request,) = (await system._call("GET", "/v1/field/requests")).json()["requests"]
    clients = state.hall.billing.field_work.clients
    elsewhere = await add_client(name="hunan-field", regions=["hunan"], clients=clients, now=clock.now())
    feed = await add_client(name="guangzhou-field", regions=[REGION], clients=state.metering.clients, now=clock.now())
    other = replace(system, token=elsewhere)
    assert (await other._call("GET", "/v1/field/requests")).json()["requests"] == []
    path = f"/v1/field/requests/{request['id']}/acknowledge"
    answer = await http.post(path, json={}, headers={"Authorization": f"Bearer {elsewhere}"})
    assert answer.status_code == 404
    for token in (feed, "", "nonsense"):
        refused = await http.get("/v1/field/requests", headers={"Authorization": f"Bearer {token}"})
        assert (refused.status_code, refused.json()["code"]) == (401, "field.not_allowed")
    again = [await system._call("POST", path, json={"reference": "F1"}) for _ in range(2)]
    assert [one.json()["state"] for one in again] == ["acknowledged"] * 2
