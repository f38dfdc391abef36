"""The tax platform over HTTP: signed both ways, bounded in time, tried twice, and counted."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final, Literal

import httpx
from prometheus_client import Counter, Histogram
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from gridhall.billing.invoices.model import Form
from gridhall.billing.invoices.port import InvoiceOrder, TaxUnavailableError, Told, ToldState
from gridhall.billing.invoices.signing import is_signed, signature
from gridhall.kit.clock import Clock
from gridhall.kit.money import yuan
from gridhall.kit.outside import send_bounded

CALLS: Final = Counter("gridhall_tax_platform_calls", "Calls to the tax platform.", ("call", "outcome"))
SECONDS: Final = Histogram(
    "gridhall_tax_platform_seconds",
    "Time that a call to the tax platform took.",
    ("call",),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

_TRIES: Final = 2


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    request: str
    state: Literal["waiting", "done", "rejected", "unknown"]
    number: str = ""
    at: AwareDatetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Seller:
    """Who issues: the supplier's name and tax number, and the client under which the platform knows us."""

    client: str
    name: str
    tax_number: str


@dataclass(frozen=True, slots=True)
class HttpTaxPlatform:
    """A tax platform at an address."""

    http: httpx.AsyncClient
    url: str
    seller: Seller
    key: bytes
    clock: Clock

    async def issue(self, order: InvoiceOrder) -> Told:
        """Issue an invoice."""
        body = {
            "request": order.request,
            "seller": {"name": self.seller.name, "taxNumber": self.seller.tax_number},
            "buyer": {"name": order.buyer, "taxNumber": order.buyer_tax_number},
            "lines": [
                {
                    "item": order.item,
                    "taxCode": order.tax_code,
                    "net": str(yuan(order.net)),
                    "rate": str(order.rate),
                    "tax": str(yuan(order.tax)),
                }
            ],
            "total": str(yuan(order.net + order.tax)),
            "note": order.note,
        }
        return await self._told("issue", "POST", "/v1/invoices", order.request, body)

    async def reverse(self, *, request: str, number: str, reason: str) -> Told:
        """Reverse an issued invoice in whole."""
        body = {"request": request, "number": number, "reason": reason}
        return await self._told("reverse", "POST", "/v1/reversals", request, body)

    async def query(self, request: str) -> Told:
        """Tell what became of a request."""
        return await self._told("query", "GET", f"/v1/requests/{request}", request, None)

    async def download(self, number: str, *, form: Form) -> bytes:
        """Return an invoice as a file."""
        answer = await self._call("download", "GET", f"/v1/files/{number}.{form}", None)
        if not answer.is_success:
            raise TaxUnavailableError(f"status {answer.status_code}")
        return answer.content

    async def _told(self, call: str, method: str, path: str, request: str, body: object) -> Told:
        answer = await self._call(call, method, path, body)
        try:
            told = _Answer.model_validate_json(answer.content)
        except ValidationError:
            raise TaxUnavailableError(f"status {answer.status_code}") from None
        if told.request != request:
            raise TaxUnavailableError("an answer to another request")
        return Told(ToldState(told.state), told.number, told.at, told.why)

    async def _call(self, call: str, method: str, path: str, body: object) -> httpx.Response:
        reason = ""
        for _ in range(_TRIES):
            began = monotonic()
            try:
                answer, nonce = await self._send(method, path, body)
                reason = self._doubt(answer, nonce, self.clock.now())
            except httpx.TransportError as error:
                reason = type(error).__name__
            SECONDS.labels(call).observe(monotonic() - began)
            CALLS.labels(call, "failed" if reason else "answered").inc()
            if not reason:
                return answer
        raise TaxUnavailableError(reason)

    async def _send(self, method: str, path: str, body: object) -> tuple[httpx.Response, str]:
        request = self.http.build_request(method, f"{self.url}{path}", json=body if body is not None else None)
        timestamp, nonce = str(int(self.clock.now().timestamp())), secrets.token_hex(16)
        parts = (method, request.url.raw_path.decode(), self.seller.client, timestamp, nonce)
        signed = {
            "X-Client": self.seller.client,
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature": signature(key=self.key, parts=parts, body=request.content),
        }
        request.headers.update(signed)
        return await send_bounded(self.http, request), nonce

    def _doubt(self, answer: httpx.Response, nonce: str, now: datetime) -> str:
        """Return why an answer is none; '' where it is one, whatever it says."""
        if answer.is_server_error:
            return f"status {answer.status_code}"
        signed = is_signed(
            key=self.key,
            told=answer.headers.get("X-Signature", ""),
            timestamp=answer.headers.get("X-Timestamp", ""),
            nonce=nonce,
            body=answer.content,
            now=now,
        )
        return "" if signed else "not signed"
