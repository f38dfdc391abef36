"""A tax platform as the demo and the tests hold it: signed both ways; it issues, reverses, and can be told to fail."""

import asyncio
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gridhall.kit.clock import Clock
from gridhall.kit.secret import kept
from gridhall.simulators.invoices import as_ofd, as_pdf
from gridhall.simulators.trouble import Orders, Trouble

_SKEW_SECONDS = 300
_FORMS: Final = {"pdf": as_pdf, "ofd": as_ofd}


class TaxOrders(Orders):
    """How the next calls go; `Orders` says what calls may be told.

    waiting: so often a request is told as waiting before it is done. reject: so many requests are refused.
    lose_answers: so many requests are done, and answered with a fault. forge: so many answers are signed wrongly.
    """

    waiting: int = Field(default=0, ge=0)
    reject: int = Field(default=0, ge=0)
    lose_answers: int = Field(default=0, ge=0)
    forge: int = Field(default=0, ge=0)


@dataclass(slots=True)
class _Kept:
    """A request. waits: how often it is still told as waiting."""

    body: dict[str, Any]
    number: str
    at: str
    waits: int
    rejected: bool


def tax_key(folder: Path) -> bytes:
    """Return the key that both sides have, made at the first call of either."""
    return kept(folder, "tax.key", make=lambda: secrets.token_hex(32).encode())


class TaxPlatform:
    """The stand-in. `issued` and `reversed` hold the requests that were done, by their number."""

    def __init__(self, *, key: bytes, clock: Clock) -> None:
        self._key = key
        self._clock = clock
        self._trouble: Trouble[TaxOrders] = Trouble(TaxOrders())
        self._requests: dict[str, _Kept] = {}
        self.issued: dict[str, dict[str, Any]] = {}
        self.reversed: dict[str, str] = {}

    def routes(self) -> Sequence[Route]:
        """Return where it answers."""
        return (
            Route("/tax/v1/invoices", self._issue, methods=["POST"]),
            Route("/tax/v1/reversals", self._reverse, methods=["POST"]),
            Route("/tax/v1/requests/{request}", self._query),
            Route("/tax/v1/files/{name}", self._file),
            Route("/tax/control", self._control, methods=["POST"]),
        )

    async def _issue(self, request: Request) -> Response:
        body = await request.body()
        if (refused := await self._refused(request, body)) is not None:
            return refused
        asked = orjson.loads(body)
        kept = self._keep(asked)
        if not kept.rejected:
            self.issued[kept.number] = kept.body
        return self._told(request, asked["request"])

    async def _reverse(self, request: Request) -> Response:
        body = await request.body()
        if (refused := await self._refused(request, body)) is not None:
            return refused
        asked = orjson.loads(body)
        kept = self._keep(asked)
        kept.rejected |= asked["number"] not in self.issued
        if not kept.rejected:
            self.reversed.setdefault(asked["number"], kept.number)
        return self._told(request, asked["request"])

    async def _query(self, request: Request) -> Response:
        refused = await self._refused(request, b"")
        return refused or self._told(request, request.path_params["request"])

    async def _file(self, request: Request) -> Response:
        if (refused := await self._refused(request, b"")) is not None:
            return refused
        number, _, form = str(request.path_params["name"]).partition(".")
        invoice = self.issued.get(number)
        if invoice is None or form not in _FORMS:
            return self._signed(request, b"{}", status=404)
        issued = next(kept for kept in self._requests.values() if kept.number == number)
        content = await asyncio.to_thread(_FORMS[form], number, issued.at, invoice)
        return self._signed(request, content, media_type=f"application/{form}")

    async def _control(self, request: Request) -> Response:
        try:
            self._trouble.orders = TaxOrders.model_validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"error": str(error)}, status_code=422)
        return JSONResponse(
            {"issued": len(self.issued), "reversed": len(self.reversed), "requests": len(self._requests)}
        )

    def _keep(self, asked: dict[str, Any]) -> _Kept:
        """Return what is kept of a request: the same one again is the same."""
        known = self._requests.get(asked["request"])
        if known is None:
            number = f"26{len(self._requests) + 1:018d}"
            known = _Kept(
                asked, number, self._clock.now().isoformat(), self._trouble.orders.waiting, self._spend("reject")
            )
            self._requests[asked["request"]] = known
        return known

    def _told(self, request: Request, name: str) -> Response:
        kept = self._requests.get(name)
        said: dict[str, Any] = {"request": name, "state": "unknown"}
        if kept is not None and kept.rejected:
            said |= {"state": "rejected", "why": "购方税号不存在"}
        elif kept is not None and kept.waits > 0:
            kept.waits -= 1
            said |= {"state": "waiting"}
        elif kept is not None:
            said |= {"state": "done", "number": kept.number, "at": kept.at}
        if self._spend("lose_answers"):
            return Response(status_code=502)
        return self._signed(request, orjson.dumps(said))

    async def _refused(self, request: Request, body: bytes) -> Response | None:
        fails = await self._trouble.of(request.url.path)
        if fails is not None:
            return Response(status_code=fails.status or 503)
        headers = request.headers
        timestamp, nonce = headers.get("X-Timestamp", ""), headers.get("X-Nonce", "")
        parts = (request.method, request.url.path, headers.get("X-Client", ""), timestamp, nonce)
        fresh = timestamp.isdigit() and abs(self._clock.now().timestamp() - int(timestamp)) <= _SKEW_SECONDS
        if not fresh or not hmac.compare_digest(self._sign(parts, body), headers.get("X-Signature", "")):
            return Response(status_code=401)
        return None

    def _signed(
        self, request: Request, body: bytes, *, status: int = 200, media_type: str = "application/json"
    ) -> Response:
        timestamp = str(int(self._clock.now().timestamp()))
        parts = (timestamp, request.headers.get("X-Nonce", ""))
        signed = "0" * 64 if self._spend("forge") else self._sign(parts, body)
        headers = {"X-Timestamp": timestamp, "X-Signature": signed}
        return Response(body, status_code=status, media_type=media_type, headers=headers)

    def _sign(self, parts: Sequence[str], body: bytes) -> str:
        text = "".join(f"{part}\n" for part in parts).encode() + body
        return hmac.new(self._key, text, sha256).hexdigest()

    def _spend(self, order: str) -> bool:
        left: int = getattr(self._trouble.orders, order)
        if left:
            self._trouble.orders = self._trouble.orders.model_copy(update={order: left - 1})
        return bool(left)
