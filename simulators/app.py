"""All stand-ins as one web app, and as one running thing with its SMTP server."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from gridhall.kit.clock import Clock, SystemClock
from gridhall.simulators.fonts import font_routes
from gridhall.simulators.mail_sink import MailSink, listen
from gridhall.simulators.mailbox import Mailbox
from gridhall.simulators.paying.deliveries import DEMO_SCALE
from gridhall.simulators.paying.keys import PayKeys
from gridhall.simulators.paying.stand_in import Paying
from gridhall.simulators.people import People
from gridhall.simulators.phone import Phone
from gridhall.simulators.sms_authority import SmsAuthority
from gridhall.simulators.sms_gateway import SmsGateway, approved_templates
from gridhall.simulators.tax import TaxPlatform
from gridhall.simulators.wechat.stand_in import WeChat

_GOODBYE_SECONDS = 1
_END_SECONDS = 10

WECHAT_APPID, WECHAT_SECRET = "wxdemo0000000000", "demo-wechat-secret"
"""The mini-program of the demo."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the running stand-ins listen."""

    url: str
    smtp_port: int

    @property
    def sms_url(self) -> str:
        """Base URL of the SMS gateway."""
        return f"{self.url}/sms"

    @property
    def wechatpay_url(self) -> str:
        """Base URL of WeChat Pay's API."""
        return self.url

    @property
    def alipay_url(self) -> str:
        """Alipay's gateway."""
        return f"{self.url}/gateway.do"

    @property
    def pay_url(self) -> str:
        """Where the payment stand-ins are told what to do wrong, and people pay."""
        return f"{self.url}/pay"

    @property
    def wechat_url(self) -> str:
        """Base URL of WeChat's server API."""
        return f"{self.url}/wechat"

    @property
    def tax_url(self) -> str:
        """Base URL of the tax platform."""
        return f"{self.url}/tax"

    @property
    def phone_url(self) -> str:
        """The page on which a person sees what customers received."""
        return f"{self.url}/phone"


def create_simulators(
    *,
    mailbox: Mailbox,
    sms_access_key_id: str,
    sms_access_key_secret: str,
    clock: Clock,
    wechat_appid: str = WECHAT_APPID,
    wechat_secret: str = WECHAT_SECRET,
    pay: PayKeys | None = None,
    sms_templates: Mapping[str, str] | None = None,
    is_sms_limited: bool = False,
    callback_scale: float = DEMO_SCALE,
    tax: bytes | None = None,
) -> Starlette:
    """Build the web app: /phone, /sms, /wechat and, with keys for it, the payment.

    The mails come into `mailbox` from elsewhere.
    """
    paying = Paying(keys=pay, clock=clock, callback_scale=callback_scale) if pay else None
    sms = SmsGateway(
        mailbox=mailbox,
        clock=clock,
        authority=SmsAuthority(access_key_id=sms_access_key_id, access_key_secret=sms_access_key_secret),
        templates=approved_templates() if sms_templates is None else sms_templates,
        is_limited=is_sms_limited,
    )
    wechat = WeChat(mailbox=mailbox, clock=clock, appid=wechat_appid, secret=wechat_secret)
    phone = Phone(mailbox=mailbox, people=People())

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        if paying:
            await paying.deliveries.close()

    return Starlette(
        routes=[
            Route("/", _to_the_phone),
            *phone.routes(),
            *sms.routes(),
            *wechat.routes(),
            *(paying.routes() if paying else ()),
            *(TaxPlatform(key=tax, clock=clock).routes() if tax else ()),
            *font_routes(),
            Mount("/assets", StaticFiles(directory=Path(__file__).parent / "assets")),
        ],
        lifespan=lifespan,
    )


@asynccontextmanager
async def running(
    *,
    sms_access_key_id: str,
    sms_access_key_secret: str,
    wechat_appid: str = WECHAT_APPID,
    wechat_secret: str = WECHAT_SECRET,
    http_port: int = 0,
    smtp_port: int = 0,
    host: str = "127.0.0.1",
    keep_in: Path | None = None,
    pay: PayKeys | None = None,
    is_sms_limited: bool = False,
    callback_scale: float = DEMO_SCALE,
    clock: Clock | None = None,
    tax: bytes | None = None,
) -> AsyncIterator[Addresses]:
    """Run all stand-ins in this event loop for as long as the context lasts; port 0 takes a free one.

    keep_in: a folder that keeps the messages over a restart. pay: the contracts of the payment stand-ins, which are
    absent without; tax: the key of the tax platform, likewise. Raises OSError where a port is taken.
    """
    clock = clock or SystemClock()
    mailbox = Mailbox(folder=keep_in)
    app = create_simulators(
        mailbox=mailbox,
        sms_access_key_id=sms_access_key_id,
        sms_access_key_secret=sms_access_key_secret,
        clock=clock,
        wechat_appid=wechat_appid,
        wechat_secret=wechat_secret,
        pay=pay,
        is_sms_limited=is_sms_limited,
        callback_scale=callback_scale,
        tax=tax,
    )
    smtp = await listen(MailSink(mailbox=mailbox, clock=clock), host=host, port=smtp_port)
    try:
        async with _serving(app, host=host, port=http_port) as bound:
            yield Addresses(url=f"http://{host}:{bound}", smtp_port=smtp.sockets[0].getsockname()[1])
    finally:
        smtp.close()


async def serve(
    *,
    http_port: int,
    smtp_port: int,
    sms_access_key_id: str,
    sms_access_key_secret: str,
    wechat_appid: str = WECHAT_APPID,
    wechat_secret: str = WECHAT_SECRET,
    host: str = "127.0.0.1",
    keep_in: Path | None = None,
    pay: PayKeys | None = None,
    callback_scale: float = DEMO_SCALE,
    tax: bytes | None = None,
) -> None:
    """Run all stand-ins until cancelled; see `running`."""
    async with running(
        http_port=http_port,
        smtp_port=smtp_port,
        sms_access_key_id=sms_access_key_id,
        sms_access_key_secret=sms_access_key_secret,
        wechat_appid=wechat_appid,
        wechat_secret=wechat_secret,
        host=host,
        keep_in=keep_in,
        pay=pay,
        callback_scale=callback_scale,
        tax=tax,
    ):
        await asyncio.Event().wait()


@asynccontextmanager
async def _serving(app: Starlette, *, host: str, port: int) -> AsyncIterator[int]:
    listener = socket.create_server((host, port))
    config = uvicorn.Config(app, log_level="warning", lifespan="on", timeout_graceful_shutdown=_GOODBYE_SECONDS)
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    up = asyncio.create_task(server.is_up.wait())
    try:
        await asyncio.wait({up, task}, return_when=asyncio.FIRST_COMPLETED)
        yield listener.getsockname()[1]
    finally:
        up.cancel()
        server.should_exit = True
        await asyncio.wait_for(task, _END_SECONDS)


class _Server(uvicorn.Server):
    """A server that says when it is up, and leaves signals to the program in whose loop it runs."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets=sockets)
        self.is_up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal."""
        yield


async def _to_the_phone(_request: Request) -> Response:
    return RedirectResponse("/phone")
