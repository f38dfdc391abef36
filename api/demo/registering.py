"""The demo's master data, as a system of record would hand it over."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from gridhall.api.demo.agents import add_agents
from gridhall.api.demo.grid import District, districts
from gridhall.api.demo.people import Resident
from gridhall.api.demo.rounds import BY_HAND
from gridhall.api.state import State
from gridhall.billing.accounts.model import Account, AccountId, PointLink, PrepaidStay, TariffLink
from gridhall.crm.customers.model import Binding, Customer, CustomerId, Role
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points

_CAPACITY_KW: Final = 8
PAYS_AHEAD: Final = 17
"""Number of the resident whose account is prepaid."""


async def register(state: State, people: Sequence[Resident], *, since: date, now: datetime) -> None:
    """Write points, meters, accounts, customers bound to their own accounts, and the desk's agents. Idempotent."""
    zone = state.settings.time_zone
    grid = districts([one.household for one in people])
    await register_points(
        points=[
            *(_point(one, zone, since, grid) for one in people),
            *(district.point(zone=zone, since=since) for district in grid),
        ],
        meters=[
            *(Meter(one.household.meter_no, digits=6, remote=index != BY_HAND) for index, one in enumerate(people)),
            *(district.asset() for district in grid),
        ],
        repository=state.metering.points,
    )
    await state.hall.billing.accounts.add([_account(one, since) for one in people])
    crm = state.hall.people
    for one in people:
        customer = await crm.customers.get_or_add(
            Customer(CustomerId(one.customer_id), phone=one.phone, name=one.name, mail=one.mail), now=now
        )
        await crm.customers.bind(customer.id, Binding(AccountId(one.account_id), Role.OWNER, now))
    await crm.holders.put({AccountId(one.account_id): CustomerId(one.customer_id) for one in people})
    await _look_after_parents(state, people, now=now)
    await add_agents(state, now=now)


async def _look_after_parents(state: State, people: Sequence[Resident], *, now: datetime) -> None:
    """The first resident also sees the account of the fourth: a child who looks after the parents' bills."""
    child, parents = people[0], people[3]
    await state.hall.people.customers.bind(
        CustomerId(child.customer_id), Binding(AccountId(parents.account_id), Role.MEMBER, now)
    )


def _point(one: Resident, zone: str, since: date, grid: Sequence[District]) -> ServicePoint:
    return ServicePoint(
        id=one.point_id,
        region=one.household.region,
        org_path=f"gridhall/{one.household.region}",
        zone=zone,
        calendar=one.calendar,
        links=(MeterLink(one.household.meter_no, since),),
        district=next(district.code for district in grid if one.household in district.members),
        capacity_kw=_CAPACITY_KW,
    )


def _account(one: Resident, since: date) -> Account:
    return Account(
        id=AccountId(one.account_id),
        number=one.account_number,
        region=one.household.region,
        org_path=f"gridhall/{one.household.region}",
        address=one.address,
        kept_since=since,
        points=(PointLink(one.point_id, since),),
        tariffs=(TariffLink(one.tariff, since),),
        prepaid_stays=(PrepaidStay(since),) if one.household.number == PAYS_AHEAD else (),
    )
