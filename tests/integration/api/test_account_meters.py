"""Which meters count for an account: while it held the point, and to whom that is told."""

from dataclasses import replace
from datetime import date

import httpx
from strawberry import relay

from gridhall.api.state import State
from gridhall.billing.accounts.model import Account, AccountId, PointLink
from gridhall.crm.agents.model import Agent
from gridhall.crm.customers.model import Binding, Role
from gridhall.kit.ids import new_id
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from tests.factories.agents import an_agent, headers_of
from tests.factories.homes import Home, a_home

METERS = "meters { number fromDay toDay multiplier channels }"
LINKS = (
    MeterLink("BEFORE", date(2025, 1, 1), date(2026, 2, 1)),
    MeterLink("OLD", date(2026, 2, 1), date(2026, 6, 10)),
    MeterLink("NEW", date(2026, 6, 10), multiplier=40),
)


async def a_tenant(state: State, home: Home) -> Account:
    """An account of the home's customer that held a point from March to July, while its meter was exchanged."""
    point = ServicePoint(new_id(), "zhejiang", "grid", "Asia/Shanghai", "single", LINKS)
    channels = frozenset({IMPORT_KWH, "export-kwh"})
    meters = [Meter(link.meter, channels=channels) for link in LINKS]
    await register_points(points=[point], meters=meters, repository=state.metering.points)
    account = replace(
        home.account,
        id=AccountId(new_id()),
        number="3301999999",
        points=(PointLink(point.id, date(2026, 3, 1), date(2026, 8, 1)),),
    )
    await state.hall.billing.accounts.add([account])
    await state.hall.people.holders.put({account.id: home.customer.id})
    await state.hall.people.customers.bind(home.customer.id, Binding(account.id, Role.OWNER, state.clock.now()))
    return account


async def test_the_account_tells_its_meters_and_nobody_elses(http: httpx.AsyncClient, state: State) -> None:
    home, foreign = await a_home(state, 1), await a_home(state, 2)
    account = await a_tenant(state, home)
    node = relay.GlobalID("Account", str(account.id))
    query = {"query": f'{{ node(id: "{node}") {{ ... on Account {{ {METERS} }} }} }}'}
    told = (await http.post("/graphql", json=query, headers=home.headers)).json()
    both = {"channels": ["IMPORT_KWH", "EXPORT_KWH"]}
    assert told["data"]["node"]["meters"] == [
        {"number": "NEW", "fromDay": "2026-06-10", "toDay": "2026-08-01", "multiplier": 40} | both,
        {"number": "OLD", "fromDay": "2026-03-01", "toDay": "2026-06-10", "multiplier": 1} | both,
    ]
    refused = (await http.post("/graphql", json=query, headers=foreign.headers)).json()
    assert refused == {"data": {"node": None}}


async def test_the_desk_tells_them_to_agents_of_the_district(http: httpx.AsyncClient, state: State) -> None:
    home = await a_home(state, 1)
    agent: Agent = await an_agent(state)
    accounts = f"accounts {{ edges {{ node {{ {METERS} }} }} }}"
    search = f'customers(search: {{phone: "{home.customer.phone}"}})'
    query = f"{{ desk {{ {search} {{ edges {{ node {{ {accounts} }} }} }} }} }}"
    told = (await http.post("/graphql", json={"query": query}, headers=headers_of(state, agent))).json()
    (customer,) = told["data"]["desk"]["customers"]["edges"]
    (account,) = customer["node"]["accounts"]["edges"]
    assert [one["number"] for one in account["node"]["meters"]] == [home.bill.registers[0].meter]
