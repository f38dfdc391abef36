"""A foreign customer's token reads nothing of a home: tried on every field of the schema."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from graphql import GraphQLObjectType, GraphQLSchema, GraphQLUnionType, get_named_type, is_leaf_type, parse, validate
from strawberry import relay

from gridhall.api.state import State
from gridhall.graphql.schema import build_schema
from gridhall.kit.settings import Settings
from tests.factories.homes import Home, a_home

ARGUMENTS: dict[str, str] = {
    "usage": '(from: "2026-09-01", to: "2026-09-08", resolution: DAY)',
    "usages": '(from: "2026-09-01", to: "2026-09-08", resolution: INTERVAL, channels: [IMPORT_KWH, EXPORT_KWH])',
    "load": '(month: "2026-09")',
    "similarHomes": '(month: "2026-09")',
    "usageExport": '(from: "2026-09-01", to: "2026-09-08")',
    "bills": "(first: 5)",
    "inbox": "(first: 5)",
    "payableByNumber": '(accountNumber: "0000000000")',
}
"""What the fields that need arguments are asked with."""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(Settings())._schema


def everything_of(
    kind: GraphQLObjectType, above: tuple[str, ...] = (), *, arguments: Mapping[str, str] = ARGUMENTS
) -> str:
    """A selection of every field of a type and of all types below it."""
    return "{ " + " ".join(fields_of(kind, above, arguments=arguments)) + " }"


def fields_of(
    kind: GraphQLObjectType, above: tuple[str, ...] = (), *, arguments: Mapping[str, str] = ARGUMENTS
) -> list[str]:
    """Every field of a type, each with all that is below it. arguments: of a field, or of the field of one type."""
    asked = {**ARGUMENTS, **arguments}
    fields = []
    for name, field in kind.fields.items():
        below = get_named_type(field.type)
        if is_leaf_type(below):
            fields.append(name)
        elif isinstance(below, GraphQLObjectType) and below.name not in above:
            inside = everything_of(below, (*above, kind.name), arguments=asked)
            fields.append(f"{name}{_given(kind, name, asked)} {inside}")
    return fields


def selections_of(
    kind: GraphQLObjectType, above: tuple[str, ...] = (), *, arguments: Mapping[str, str], most: int = 400
) -> Iterator[str]:
    """Every field of a type and all below it, cut into selections of at most so many fields each."""
    asked = {**ARGUMENTS, **arguments}
    small: list[str] = []
    for name, field in kind.fields.items():
        below = get_named_type(field.type)
        if not isinstance(below, GraphQLObjectType):
            small += [name] if is_leaf_type(below) else []
            continue
        if below.name in above:
            continue
        head, inner = f"{name}{_given(kind, name, asked)}", (*above, kind.name)
        whole = f"{head} {everything_of(below, inner, arguments=asked)}"
        if len(re.findall(r"\w+", whole)) <= most:
            yield whole
        else:
            yield from (f"{head} {{ {part} }}" for part in selections_of(below, inner, arguments=asked, most=most - 1))
    if small:
        yield " ".join(small)


def _given(kind: GraphQLObjectType, name: str, asked: Mapping[str, str]) -> str:
    return asked.get(f"{kind.name}.{name}", asked.get(name, ""))


def covered(kind: GraphQLObjectType, above: tuple[str, ...] = ()) -> Iterator[str]:
    """The types that such a selection reaches."""
    yield kind.name
    for field in kind.fields.values():
        below = get_named_type(field.type)
        if isinstance(below, GraphQLObjectType) and below.name not in above:
            yield from covered(below, (*above, kind.name))


def object_type(schema: GraphQLSchema, name: str) -> GraphQLObjectType:
    found = schema.get_type(name)
    assert isinstance(found, GraphQLObjectType)
    return found


async def ask(http: httpx.AsyncClient, home: Home, query: str) -> dict[str, Any]:
    answer = await http.post("/graphql", json={"query": query}, headers=home.headers)
    told: dict[str, Any] = answer.json()
    return told


def secrets_of(home: Home) -> list[str]:
    """Texts that must not reach a stranger in any form."""
    return [
        str(home.account.id),
        home.account.number,
        home.account.address,
        str(home.bill.id),
        home.bill.number,
        str(home.item.id),
        str(home.customer.id),
        home.customer.phone,
        str(home.customer.name),
        home.bill.registers[0].meter,
        str(relay.GlobalID("Account", str(home.account.id))),
        str(relay.GlobalID("Bill", str(home.bill.id))),
    ]


def nodes_of(home: Home) -> dict[str, str]:
    return {"Account": str(home.account.id), "Bill": str(home.bill.id), "InboxItem": str(home.item.id)}


def documents_of(schema: GraphQLSchema, name: str) -> Iterator[str]:
    """Selections that together ask for every field of a type: one of all would be larger than a document may be."""
    kind = object_type(schema, name)
    for field in fields_of(kind):
        below = get_named_type(kind.fields[field.split(" ")[0].split("(")[0]].type)
        if getattr(below, "name", "") == "Account":
            yield from (f"accounts {{ {one} }}" for one in fields_of(object_type(schema, "Account"), (name,)))
        else:
            yield field


def merged(one: Any, other: Any) -> Any:  # noqa: ANN401 - as JSON is
    """What two documents told of the same things, together."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {name: merged(one[name], value) if name in one else value for name, value in other.items()}
    if isinstance(one, list) and isinstance(other, list):
        return [merged(left, right) for left, right in zip(one, other, strict=True)]
    return other


async def everything_seen(http: httpx.AsyncClient, home: Home, schema: GraphQLSchema) -> dict[str, Any]:
    """All that a token reads from its viewer, in several documents."""
    seen: dict[str, Any] = {}
    for part in documents_of(schema, "Viewer"):
        query = f"{{ viewer {{ {part} }} }}"
        assert validate(schema, parse(query)) == []
        told = await ask(http, home, query)
        assert "errors" not in told, told["errors"]
        seen = merged(seen, told["data"]["viewer"])
    return seen


async def test_the_own_token_reads_every_field(http: httpx.AsyncClient, state: State, schema: GraphQLSchema) -> None:
    home = await a_home(state, 1)
    seen = await everything_seen(http, home, schema)
    assert seen["accounts"][0]["number"] == home.account.number
    assert seen["accounts"][0]["usage"]["total"] == 9.6


async def test_a_foreign_viewer_sees_nothing_of_the_home(
    http: httpx.AsyncClient, state: State, schema: GraphQLSchema
) -> None:
    home, foreign = await a_home(state, 1), await a_home(state, 2)
    seen = str(await everything_seen(http, foreign, schema))
    assert foreign.account.number in seen
    assert [secret for secret in secrets_of(home) if secret in seen] == []


@pytest.mark.parametrize("kind", ["Account", "Bill", "InboxItem"])
async def test_a_foreign_node_is_null(http: httpx.AsyncClient, state: State, schema: GraphQLSchema, kind: str) -> None:
    home, foreign = await a_home(state, 1), await a_home(state, 2)
    global_id = relay.GlobalID(kind, nodes_of(home)[kind])
    for field in fields_of(object_type(schema, kind)):
        query = f'{{ node(id: "{global_id}") {{ ... on {kind} {{ {field} }} }} }}'
        assert (await ask(http, home, query))["data"]["node"]
        assert await ask(http, foreign, query) == {"data": {"node": None}}
        stranger = await http.post("/graphql", json={"query": query})
        assert stranger.json() == {"data": {"node": None}}


async def test_mutations_on_foreign_things_change_nothing(http: httpx.AsyncClient, state: State) -> None:
    home, foreign = await a_home(state, 1), await a_home(state, 2)
    account, bill = relay.GlobalID("Account", str(home.account.id)), relay.GlobalID("Bill", str(home.bill.id))
    own = relay.GlobalID("Account", str(foreign.account.id))
    pay = """mutation {{ payBills(input: {{accountId: "{0}", billIds: ["{1}"], idempotencyKey: "12345678"}}) {{
        __typename }} }}"""
    refused = await ask(http, foreign, pay.format(account, bill))
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await ask(http, foreign, pay.format(own, bill)))["data"]["payBills"]["__typename"] == "BillNotPayable"
    read = f'mutation {{ markRead(id: "{relay.GlobalID("InboxItem", str(home.item.id))}") {{ id }} }}'
    assert await ask(http, foreign, read) == {"data": {"markRead": None}}
    guess = f'{{accountNumber: "{home.account.number}", code: "000000"}}'
    confirm = f"mutation {{ confirmBinding(input: {guess}) {{ __typename }} }}"
    assert (await ask(http, foreign, confirm))["data"]["confirmBinding"]["__typename"] == "Refused"
    mailed = await http.get(f"/v1/bills/{home.bill.id}.pdf", headers=foreign.headers)
    absent = await http.get(f"/v1/bills/{home.customer.id}.pdf", headers=foreign.headers)
    assert mailed.status_code == absent.status_code == 404
    assert mailed.json()["code"] == absent.json()["code"]
    inbox = await state.hall.post_room.inbox.page(home.customer.id, after=None, limit=5)
    assert inbox == [home.item]


def test_every_object_type_is_reached_from_the_viewer_the_desk_or_a_mutation(schema: GraphQLSchema) -> None:
    # What the desk shows is asked for in test_desk_graph.py, by agents of every district.
    # What the rounds show is asked for in test_rounds_graph.py, likewise.
    roots = ("Viewer", "Desk", "Rounds")
    reached = {name for root in roots for name in covered(object_type(schema, root))}
    for mutation in object_type(schema, "Mutation").fields.values():
        result = get_named_type(mutation.type)
        for member in result.types if isinstance(result, GraphQLUnionType) else (result,):
            reached |= set(covered(object_type(schema, member.name)))
    declared = {
        name for name, kind in schema.type_map.items() if isinstance(kind, GraphQLObjectType) and name[:2] != "__"
    }
    assert declared - reached == {"Query", "Mutation"}
