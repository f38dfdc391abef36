"""Forged, foreign, old and stolen tokens."""

import asyncio
import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gridhall.api.sign_in.access_tokens import AccessTokens
from gridhall.api.state import State
from gridhall.crm.customers.model import Customer
from gridhall.kit.keys import token_seed
from tests.factories.people import a_customer


@pytest.fixture
async def customer(state: State) -> Customer:
    return await state.hall.people.customers.get_or_add(a_customer(), now=state.clock.now())


async def phone_seen_by(http: httpx.AsyncClient, token: str) -> str | None:
    """The phone that a token sees as its own; None where it is nobody's."""
    headers = [(b"Authorization", b"Bearer " + token.encode("latin-1"))]
    answer = await http.post("/graphql", json={"query": "{ viewer { phone } }"}, headers=headers)
    assert answer.status_code == 200, answer.text
    viewer: dict[str, str] | None = answer.json()["data"]["viewer"]
    return viewer["phone"] if viewer else None


def part(data: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(data)).decode().rstrip("=")


class Forge:
    """Makes tokens that differ from a good one in one thing."""

    def __init__(self, state: State, customer: Customer) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(token_seed(state.settings))
        good = state.access_tokens.sign(customer.id, now=state.clock.now()).text
        self.header = jwt.get_unverified_header(good)
        self.claims: dict[str, Any] = jwt.decode(good, options={"verify_signature": False})

    def token(self, *, header: dict[str, Any] | None = None, without: str = "", **claims: object) -> str:
        told = {name: value for name, value in {**self.claims, **claims}.items() if name != without}
        return jwt.encode(told, self.key, algorithm="EdDSA", headers={**self.header, **(header or {})})


@pytest.fixture
def forge(state: State, customer: Customer) -> Forge:
    return Forge(state, customer)


class TestAccessTokens:
    async def test_a_good_one_is_taken(self, http: httpx.AsyncClient, forge: Forge) -> None:
        assert await phone_seen_by(http, forge.token()) == "138****0001"

    async def test_one_without_a_signature_is_nobodys(self, http: httpx.AsyncClient, forge: Forge) -> None:
        for algorithm in ("none", "None", "NONE", ""):
            unsigned = f"{part({**forge.header, 'alg': algorithm})}.{part(forge.claims)}."
            assert await phone_seen_by(http, unsigned) is None

    async def test_one_signed_by_the_public_key_as_a_password_is_nobodys(
        self, http: httpx.AsyncClient, forge: Forge
    ) -> None:
        public = forge.key.public_key()
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        header = {name: value for name, value in forge.header.items() if name != "alg"}
        assert await phone_seen_by(http, jwt.encode(forge.claims, raw, algorithm="HS256", headers=header)) is None

    @pytest.mark.parametrize(
        "header",
        [
            {"kid": "0" * 16},
            {"kid": "../../etc/passwd"},
            {"typ": "JWT"},
            {"typ": "refresh+jwt"},
            {"crit": ["exp"]},
            {"b64": False, "crit": ["b64"]},
        ],
    )
    async def test_one_of_another_key_or_type_is_nobodys(
        self, http: httpx.AsyncClient, forge: Forge, header: dict[str, object]
    ) -> None:
        assert await phone_seen_by(http, forge.token(header=header)) is None

    async def test_one_that_brings_its_own_key_is_nobodys(self, http: httpx.AsyncClient, forge: Forge) -> None:
        own = Ed25519PrivateKey.generate()
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": part("")}
        header = {**forge.header, "jwk": jwk, "jku": "https://evil.example/keys"}
        assert await phone_seen_by(http, jwt.encode(forge.claims, own, algorithm="EdDSA", headers=header)) is None

    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "another"},
            {"aud": "another"},
            {"aud": ["another"]},
            {"sub": "not-an-id"},
            {"sub": str(uuid4())},
            {"exp": 1},
        ],
    )
    async def test_one_with_other_claims_is_nobodys(
        self, http: httpx.AsyncClient, forge: Forge, claims: dict[str, object]
    ) -> None:
        assert await phone_seen_by(http, forge.token(**claims)) is None

    @pytest.mark.parametrize("without", ["iss", "aud", "sub", "iat", "exp"])
    async def test_one_that_lacks_a_claim_is_nobodys(self, http: httpx.AsyncClient, forge: Forge, without: str) -> None:
        assert await phone_seen_by(http, forge.token(without=without)) is None

    async def test_one_that_ended_is_nobodys(self, http: httpx.AsyncClient, state: State, customer: Customer) -> None:
        minutes = timedelta(minutes=state.settings.access_token_minutes)
        ended = state.access_tokens.sign(customer.id, now=state.clock.now() - minutes - timedelta(seconds=6))
        assert await phone_seen_by(http, ended.text) is None

    async def test_one_of_another_deployment_is_nobodys(
        self, http: httpx.AsyncClient, state: State, customer: Customer
    ) -> None:
        other = AccessTokens(
            key=Ed25519PrivateKey.generate(),
            issuer=state.settings.token_issuer,
            audience=state.settings.token_audience,
            type="at+jwt",
            life=timedelta(minutes=15),
        )
        assert await phone_seen_by(http, other.sign(customer.id, now=state.clock.now()).text) is None

    @pytest.mark.parametrize(
        "text",
        ["", ".", "..", "a.b.c", "\xff\xfe", "ey" * 4000, f"{base64.urlsafe_b64encode(b'[' * 30_000).decode()}.e30.x"],
    )
    async def test_what_is_no_token_is_nobodys(self, http: httpx.AsyncClient, text: str) -> None:
        assert await phone_seen_by(http, text) is None


async def refreshed(http: httpx.AsyncClient, token: str) -> str | None:
    answer = await http.post("/v1/sign-in/refresh", json={"refresh_token": token})
    assert answer.status_code in {200, 401}, answer.text
    return str(answer.json()["refresh_token"]) if answer.status_code == 200 else None


class TestRefreshTokens:
    async def test_one_that_comes_twice_ends_the_sign_in(
        self, http: httpx.AsyncClient, state: State, customer: Customer
    ) -> None:
        first = await state.refresh_tokens.first(customer.id, now=state.clock.now())
        second = await refreshed(http, first)
        assert second
        assert await refreshed(http, first) is None
        assert await refreshed(http, second) is None

    async def test_of_ten_at_once_one_is_exchanged_at_most(
        self, http: httpx.AsyncClient, state: State, customer: Customer
    ) -> None:
        first = await state.refresh_tokens.first(customer.id, now=state.clock.now())
        exchanged = await asyncio.gather(*(refreshed(http, first) for _ in range(10)))
        (fresh,) = [one for one in exchanged if one]
        assert await refreshed(http, fresh) is None

    async def test_another_sign_in_is_not_touched(
        self, http: httpx.AsyncClient, state: State, customer: Customer
    ) -> None:
        stolen = await state.refresh_tokens.first(customer.id, now=state.clock.now())
        other = await state.refresh_tokens.first(customer.id, now=state.clock.now())
        await refreshed(http, stolen)
        await refreshed(http, stolen)
        assert await refreshed(http, other)

    async def test_an_ended_one_is_not_good(self, http: httpx.AsyncClient, state: State, customer: Customer) -> None:
        long_ago = state.clock.now() - timedelta(days=state.settings.refresh_token_days, seconds=1)
        assert await refreshed(http, await state.refresh_tokens.first(customer.id, now=long_ago)) is None

    async def test_signing_out_ends_it(self, http: httpx.AsyncClient, state: State, customer: Customer) -> None:
        token = await state.refresh_tokens.first(customer.id, now=state.clock.now())
        assert (await http.post("/v1/sign-in/out", json={"refresh_token": token})).status_code == 204
        assert await refreshed(http, token) is None

    async def test_an_access_token_is_no_refresh_token_and_the_other_way_round(
        self, http: httpx.AsyncClient, state: State, customer: Customer, forge: Forge
    ) -> None:
        answer = await http.post("/v1/sign-in/refresh", json={"refresh_token": forge.token()[:200]})
        assert answer.status_code == 401
        token = await state.refresh_tokens.first(customer.id, now=state.clock.now())
        assert await phone_seen_by(http, token) is None

    async def test_the_database_keeps_no_token_that_could_be_used(self, state: State, customer: Customer) -> None:
        token = await state.refresh_tokens.first(customer.id, now=state.clock.now())
        kept = await state.mongo["sign_ins"].find_one({"customer_id": customer.id})
        assert token.partition(".")[2] not in str(kept)
