"""Feed clients and their tokens."""

from datetime import UTC, datetime

import pytest

from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.clients import BadClientError, add_client, verify_client
from gridhall.metering.feed.model import FeedSource
from gridhall.metering.feed.repository import FeedClientRepository

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def clients(mongo: Mongo) -> FeedClientRepository:
    return FeedClientRepository(mongo)


async def test_a_token_tells_who_feeds_and_for_which_regions(clients: FeedClientRepository) -> None:
    token = await add_client(name="ami-hz", regions=["zhejiang"], clients=clients, now=NOW)
    client = await verify_client(token=token, clients=clients)
    assert client
    assert client.source(batch="b1") == FeedSource("ami-hz", frozenset({"zhejiang"}), "b1")


async def test_a_token_is_nowhere_in_the_database(clients: FeedClientRepository, mongo: Mongo) -> None:
    token = await add_client(name="ami-hz", regions=["zhejiang"], clients=clients, now=NOW)
    stored = await mongo["feed_clients"].find_one({})
    assert token.rpartition(".")[2] not in str(stored)


async def test_a_changed_or_made_up_token_is_nobodys(clients: FeedClientRepository) -> None:
    token = await add_client(name="ami-hz", regions=["zhejiang"], clients=clients, now=NOW)
    for wrong in (token + "x", token[:-1], "", "ghf", "ghf..", "ghf.nobody.secret", "ghf.ami-hz.", "ghf.\udcff.x"):
        assert await verify_client(token=wrong, clients=clients) is None


@pytest.mark.parametrize("name", ["", "Ami", "-ami", "a.b", "a" * 41])
async def test_a_name_that_does_not_fit_a_token_is_refused(clients: FeedClientRepository, name: str) -> None:
    with pytest.raises(BadClientError, match="name: use"):
        await add_client(name=name, regions=["zhejiang"], clients=clients, now=NOW)


async def test_a_client_needs_a_region_and_a_name_of_its_own(clients: FeedClientRepository) -> None:
    with pytest.raises(BadClientError, match="region"):
        await add_client(name="ami", regions=[], clients=clients, now=NOW)
    await add_client(name="ami", regions=["zhejiang"], clients=clients, now=NOW)
    with pytest.raises(BadClientError, match="ami exists"):
        await add_client(name="ami", regions=["zhejiang"], clients=clients, now=NOW)
