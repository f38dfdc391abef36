"""Feed clients and their tokens."""

from datetime import UTC, datetime, timedelta

import pytest

from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.clients import BadClientError, add_client, revoke_client, rotate_token, verify_client
from gridhall.metering.feed.model import FeedSource
from gridhall.metering.feed.repository import FeedClientRepository

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def clients(mongo: Mongo) -> FeedClientRepository:
    return FeedClientRepository(mongo)


async def test_a_token_tells_who_feeds_and_for_which_regions(clients: FeedClientRepository) -> None:
    token = await add_client(name="ami-hz", regions=["zhejiang"], clients=clients, now=NOW)
    client = await verify_client(token=token, clients=clients, now=NOW)
    assert client
    assert client.source(batch="b1") == FeedSource("ami-hz", frozenset({"zhejiang"}), "b1")


async def test_a_token_is_nowhere_in_the_database(clients: FeedClientRepository, mongo: Mongo) -> None:
    token = await add_client(name="ami-hz", regions=["zhejiang"], clients=clients, now=NOW)
    stored = await mongo["feed_clients"].find_one({})
    assert token.rpartition(".")[2] not in str(stored)


async def test_a_changed_or_made_up_token_is_nobodys(clients: FeedClientRepository) -> None:
    token = await add_client(name="ami-hz", regions=["zhejiang"], clients=clients, now=NOW)
    for wrong in (token + "x", token[:-1], "", "ghf", "ghf..", "ghf.nobody.secret", "ghf.ami-hz.", "ghf.\udcff.x"):
        assert await verify_client(token=wrong, clients=clients, now=NOW) is None


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


class TestATokenThatIsRotated:
    async def test_stays_good_for_a_while_beside_the_new_one(self, clients: FeedClientRepository) -> None:
        old = await add_client(name="ami", regions=["zhejiang"], clients=clients, now=NOW)
        new, ends_at = await rotate_token(name="ami", clients=clients, now=NOW, keep=timedelta(hours=2))
        assert ends_at == NOW + timedelta(hours=2)
        for token, hours, good in ((old, 1, True), (new, 1, True), (old, 2, False), (new, 999, True)):
            found = await verify_client(token=token, clients=clients, now=NOW + timedelta(hours=hours))
            assert (found is not None) is good

    async def test_twice_ends_the_oldest_and_never_prolongs_one(self, clients: FeedClientRepository) -> None:
        first = await add_client(name="ami", regions=["zhejiang"], clients=clients, now=NOW)
        second, _ = await rotate_token(name="ami", clients=clients, now=NOW, keep=timedelta(hours=1))
        third, _ = await rotate_token(name="ami", clients=clients, now=NOW, keep=timedelta(0))
        good = [await verify_client(token=one, clients=clients, now=NOW) for one in (first, second, third)]
        assert [one is not None for one in good] == [False, False, True]

    async def test_of_a_client_that_was_kept_before_there_were_two_stays_good(
        self, clients: FeedClientRepository, mongo: Mongo
    ) -> None:
        old = await add_client(name="ami", regions=["zhejiang"], clients=clients, now=NOW)
        kept = await mongo["feed_clients"].find_one({})
        assert kept
        await mongo["feed_clients"].update_one(
            {},
            {
                "$set": {"schema": 1, "tokenHash": kept["tokens"][0]["hash"]},
                "$unset": {"tokens": "", "orgPaths": "", "revokedAt": ""},
            },
        )
        assert await verify_client(token=old, clients=clients, now=NOW)
        new, _ = await rotate_token(name="ami", clients=clients, now=NOW)
        assert all([await verify_client(token=one, clients=clients, now=NOW) for one in (old, new)])

    async def test_by_two_people_at_once_gives_one_new_token(self, clients: FeedClientRepository) -> None:
        await add_client(name="ami", regions=["zhejiang"], clients=clients, now=NOW)
        seen = await clients.by_name("ami")
        assert seen
        await rotate_token(name="ami", clients=clients, now=NOW)
        assert not await clients.change(seen, seen)


class TestAClientThatIsRevoked:
    async def test_has_no_good_token_and_gets_none(self, clients: FeedClientRepository) -> None:
        tokens = [await add_client(name="ami", regions=["zhejiang"], clients=clients, now=NOW)]
        tokens += [(await rotate_token(name="ami", clients=clients, now=NOW))[0]]
        await revoke_client(name="ami", clients=clients, now=NOW)
        for token in tokens:
            assert await verify_client(token=token, clients=clients, now=NOW) is None
        for change in (rotate_token, revoke_client):
            with pytest.raises(BadClientError, match="was revoked on 2026-11-01"):
                await change(name="ami", clients=clients, now=NOW)
        with pytest.raises(BadClientError, match="no feed client nobody"):
            await revoke_client(name="nobody", clients=clients, now=NOW)

    async def test_is_still_listed(self, clients: FeedClientRepository) -> None:
        for name in ("ami", "bmi", "cmi"):
            await add_client(name=name, regions=["zhejiang"], clients=clients, now=NOW)
        await revoke_client(name="bmi", clients=clients, now=NOW)
        assert [one.name for one in await clients.page(limit=2)] == ["ami", "bmi"]
        assert [(one.name, one.revoked_at) for one in await clients.page(after="ami", limit=1)] == [("bmi", NOW)]


class TestAnOrganisation:
    @pytest.mark.parametrize("path", ["", "/", "zhejiang/", "/zhejiang", "a//b"])
    async def test_is_a_path(self, clients: FeedClientRepository, path: str) -> None:
        with pytest.raises(BadClientError, match="org: write a path"):
            await add_client(name="ami", regions=["zhejiang"], org_paths=[path], clients=clients, now=NOW)

    @pytest.mark.parametrize(
        ("path", "may"),
        [("zj/hz", True), ("zj/hz/xh", True), ("zj/hzx", False), ("zj", False), ("sx", False)],
    )
    async def test_is_written_with_all_below_it(self, clients: FeedClientRepository, path: str, may: bool) -> None:  # noqa: FBT001
        token = await add_client(name="ami", regions=["zhejiang"], org_paths=["zj/hz"], clients=clients, now=NOW)
        client = await verify_client(token=token, clients=clients, now=NOW)
        assert client
        assert client.source(batch="b").may_write(path) is may
