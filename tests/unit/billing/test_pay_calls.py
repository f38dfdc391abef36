"""What counts as an answer of a provider, before anybody looks at what it says."""

import httpx
import pytest

from gridhall.billing.payments.calls import call
from gridhall.billing.payments.port import ProviderUnavailableError


async def test_an_answer_that_cannot_be_unpacked_is_none_and_is_asked_for_once_more() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        with pytest.raises(ProviderUnavailableError, match="DecodingError"):
            await call(
                http=http, provider="odd", name="query", request=lambda: http.build_request("GET", "http://pay/")
            )
    assert len(asked) == 2
