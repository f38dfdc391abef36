"""GraphiQL: everything that its page and its script call is served."""

import re

import httpx
import pytest


@pytest.fixture
async def script(http: httpx.AsyncClient) -> str:
    return (await http.get("/graphiql/page/page.js")).text


async def test_every_asset_of_the_page_is_there(http: httpx.AsyncClient) -> None:
    page = (await http.get("/graphiql")).text
    assets = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert len(assets) == 6
    for asset in assets:
        assert (await http.get(asset)).status_code == 200, asset


async def test_every_address_that_the_script_posts_to_is_there(http: httpx.AsyncClient, script: str) -> None:
    addresses = re.findall(r'(?:fetch|post)\("(/[^"]+)"', script)
    assert sorted(addresses) == ["/graphql", "/v1/sign-in/code", "/v1/sign-in/token"]
    for address in addresses:
        assert (await http.post(address, json={})).status_code != 404, address
