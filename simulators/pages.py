"""The pages of the stand-ins and the rules under which a browser shows them."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader
from starlette.responses import HTMLResponse

_ZONE = ZoneInfo("Asia/Shanghai")

PAGE_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
            "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
)
"""Only what is served from here may run, be drawn or be framed; nothing is written into a page as code."""


def _as_local(at: datetime) -> str:
    return at.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M:%S")


_environment = Environment(
    loader=PackageLoader("gridhall.simulators", "layouts"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_environment.filters["local"] = _as_local


def page(name: str, *, status: int = 200, **shown: object) -> HTMLResponse:
    """Fill a page of the folder layouts/; whatever is shown on it is escaped."""
    return HTMLResponse(_environment.get_template(name).render(shown), status_code=status, headers=PAGE_HEADERS)
