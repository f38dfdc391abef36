"""Notices without proof that they arrived, as collectors see them and serve them on paper."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from strawberry import relay

from gridhall.api.state import State
from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.cutting.model import Notice, NoticeId, NoticeKind, NoticeLine, Proof, ProofWay
from gridhall.billing.bills.model import BillId
from gridhall.crm.agents.model import AgentRole
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import local_day
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction
from tests.factories.accounts import an_account
from tests.factories.agents import an_agent, headers_of

LIST = """query($after: String, $first: Int! = 20) { desk { unprovenNotices(region: "zhejiang", first: $first, after: $after) {
  edges { cursor node { id arrearsId accountNumber kind asked { fen } balance { fen } owed { fen } } }
  pageInfo { hasNextPage endCursor }
} } }"""  # noqa: E501 - one query
SERVE = """mutation($input: ServeNoticeInput!) { serveNotice(input: $input) { __typename ... on Refused { code } } }"""
PHOTO = bytes.fromhex("89504e470d0a1a0a") + b"\0" * 32
CITY, OTHER = an_account(1), an_account(2, org_path="grid/other")


def a_notice(state: State, account: Account, kind: NoticeKind, *, days_ago: int, proven: bool = False) -> Notice:
    made, ahead = state.clock.now() - timedelta(days=days_ago), kind is NoticeKind.BALANCE
    day = local_day(made, "Asia/Shanghai")
    return Notice(
        id=NoticeId(new_id()),
        kind=kind,
        account_id=account.id,
        region=account.region,
        org_path=account.org_path,
        lines=() if ahead else (NoticeLine(BillId(new_id()), day - timedelta(days=20), Fen(10_000)),),
        penalty=Fen(0 if ahead else 200),
        days=7,
        made_at=made,
        proofs=(Proof(ProofWay.SMS, made, "system", reference="sms-1"),) if proven else (),
        balance=Fen(-300) if ahead else None,
    )


@pytest.fixture
async def notices(state: State) -> list[Notice]:
    """Two of the city without proof, one of another unit, one with proof, and one that is long past."""
    billing = state.hall.billing
    await billing.accounts.add([CITY, OTHER])
    made = [
        a_notice(state, CITY, NoticeKind.DISCONNECTION, days_ago=9),
        a_notice(state, CITY, NoticeKind.BALANCE, days_ago=3),
        a_notice(state, OTHER, NoticeKind.PAYMENT, days_ago=5),
        a_notice(state, CITY, NoticeKind.PAYMENT, days_ago=4, proven=True),
        a_notice(state, CITY, NoticeKind.PAYMENT, days_ago=100),
    ]

    async def work(transaction: Transaction) -> None:
        await billing.arrears.notices.add(made, transaction=transaction)

    await billing.arrears.mongo.transact(work)
    return made


async def post(http: httpx.AsyncClient, headers: dict[str, str], query: str, **variables: object) -> Any:  # noqa: ANN401 - JSON
    told = (await http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)).json()
    return told["data"]


async def listed(http: httpx.AsyncClient, headers: dict[str, str], **variables: object) -> Any:  # noqa: ANN401 - JSON
    return (await post(http, headers, LIST, **variables))["desk"]["unprovenNotices"]


def ids(page: Any) -> list[UUID]:  # noqa: ANN401 - JSON
    return [UUID(relay.GlobalID.from_id(edge["node"]["id"]).node_id) for edge in page["edges"]]


async def test_those_of_the_district_are_listed_the_oldest_first_in_pages(
    state: State, http: httpx.AsyncClient, notices: list[Notice]
) -> None:
    cut, empty, other, *_ = notices
    everywhere = headers_of(state, await an_agent(state, "xu.li", role=AgentRole.COLLECTOR))
    of_city = headers_of(state, await an_agent(state, "wu.di", role=AgentRole.COLLECTOR, org_path="grid/city"))
    abroad = headers_of(state, await an_agent(state, "lin.na", role=AgentRole.COLLECTOR, region="shaanxi"))
    assert ids(await listed(http, everywhere)) == [cut.id, other.id, empty.id]
    assert ids(await listed(http, of_city)) == [cut.id, empty.id]
    assert ids(await listed(http, abroad)) == []
    page = await listed(http, everywhere, first=2)
    assert page["pageInfo"]["hasNextPage"]
    assert ids(await listed(http, everywhere, after=page["pageInfo"]["endCursor"])) == [empty.id]


async def test_each_says_what_it_asked_for(state: State, http: httpx.AsyncClient, notices: list[Notice]) -> None:
    assert notices
    agent = headers_of(state, await an_agent(state, "wu.di", role=AgentRole.COLLECTOR, org_path="grid/city"))
    cut, empty = (edge["node"] for edge in (await listed(http, agent))["edges"])
    assert (cut["accountNumber"], cut["kind"], cut["asked"], cut["balance"], cut["owed"]) == (
        CITY.number,
        "DISCONNECTION",
        {"fen": 10_200},
        None,
        {"fen": 0},
    )
    assert (empty["kind"], empty["balance"]) == ("BALANCE", {"fen": -300})


async def test_one_that_is_handed_over_on_paper_is_listed_no_more(
    state: State, http: httpx.AsyncClient, notices: list[Notice]
) -> None:
    cut, empty, other, *_ = notices
    agent = await an_agent(state, "xu.li", role=AgentRole.COLLECTOR)
    headers = headers_of(state, agent)
    node = (await listed(http, headers))["edges"][0]["node"]
    photo = await state.hall.billing.follow_up.serving.blobs.put(PHOTO, by=agent.id, now=state.clock.now())
    handed = {"id": node["arrearsId"], "noticeId": node["id"], "photo": str(photo.id)}
    theirs = {**handed, "noticeId": str(relay.GlobalID("UnprovenNotice", str(other.id)))}
    refused = (await post(http, headers, SERVE, input=theirs))["serveNotice"]
    assert refused == {"__typename": "Refused", "code": "NOT_FOUND"}
    assert (await post(http, headers, SERVE, input=handed))["serveNotice"]["__typename"] == "ArrearsChanged"
    assert ids(await listed(http, headers)) == [other.id, empty.id]
    (proof,) = (await state.hall.billing.arrears.notices.load([cut.id]))[cut.id].proofs
    assert (proof.way, proof.by, proof.photo) == (ProofWay.PAPER, "xu.li", photo.id)
