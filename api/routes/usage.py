"""Files of usage, for whoever may see the account: by access token, or by a signed link."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from gridhall.api.callers import caller_of, may_see_file
from gridhall.api.problems import ProblemError
from gridhall.api.state import State, state_of
from gridhall.billing.accounts.model import Account, AccountId, masked_number
from gridhall.crm.agents.model import Agent
from gridhall.crm.audit.model import Action, AuditEntry
from gridhall.crm.customers.model import Customer
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Days, local_day
from gridhall.kit.words import choose_language
from gridhall.metering.channels import CHANNELS, IMPORT_KWH
from gridhall.metering.exports.cells import Labels
from gridhall.metering.exports.csv_file import usage_csv
from gridhall.metering.exports.excel_file import usage_excel
from gridhall.metering.exports.order import ExportOrder
from gridhall.metering.exports.xml_file import usage_xml
from gridhall.metering.histories.ranges import Resolution, in_reach, overlap
from gridhall.metering.retention.policy import RetentionPolicy

router = APIRouter(prefix="/v1/accounts", tags=["usage"])

MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/atom+xml",
}
_PIECE: Final = 2**16


@dataclass(frozen=True, slots=True)
class _File:
    """A file that was asked for. title: what it is called for its reader, with the account masked."""

    account: Account
    orders: Sequence[ExportOrder]
    title: str
    labels: Labels


@router.get("/{account_id}/usage.{kind}", response_class=Response)
async def usage_file(
    *,
    request: Request,
    account_id: UUID,
    kind: Literal["csv", "xlsx", "xml"],
    to: date,
    start: Annotated[date, Query(alias="from")],
    resolution: Resolution = Resolution.INTERVAL,
    channel: Annotated[list[str] | None, Query(max_length=len(CHANNELS))] = None,
    point: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """Return usage of local days `from` up to, not including, `to`; an account not the caller's is not there.

    `xml` is of intervals and of one point: the first of those asked for.
    """
    state, channels = state_of(request), list(dict.fromkeys(channel or [IMPORT_KWH]))
    account, caller = await _visible(request, AccountId(account_id))
    most = state.settings.export_max_days
    if not in_reach(start, to) or not 0 < (to - start).days <= most or not set(channels) <= CHANNELS.keys():
        raise ProblemError("usage.bad_range", {"most": most, "channels": ", ".join(CHANNELS)})
    if kind == "xml":
        resolution = Resolution.INTERVAL
    orders = [
        order
        async for order in _orders(state, account, Days(start, to), resolution, tuple(channels))
        if point in {None, order.number}
    ]
    if not orders:
        raise ProblemError("not_found")
    if isinstance(caller, Agent):
        await _audit(state, caller, account, kind)
    language = choose_language(request.headers.get("accept-language"))
    labels = Labels(state.words, language)
    title = f"{labels.of('title')} {masked_number(account.number)} {start} - {to}"
    content = await _content(state, kind, _File(account, orders, title, labels))
    name = f"usage-{account.number[-4:]}-{start}-{to}-{resolution}.{kind}"
    local = quote(f"{labels.of('title')}-{account.number[-4:]}-{start}-{to}.{kind}")
    return StreamingResponse(
        content,
        media_type=MEDIA[kind],
        headers={
            "Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{local}",
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _visible(request: Request, account_id: AccountId) -> tuple[Account, Customer | Agent]:
    """Return the account, and the caller, who may see it. Raises ProblemError."""
    state = state_of(request)
    caller = await caller_of(request)
    account = await state.hall.accounts.load(account_id)
    if account is None or not may_see_file(
        caller, account_id=account_id, region=account.region, org_path=account.org_path
    ):
        raise ProblemError("not_found")
    return account, caller


async def _orders(
    state: State, account: Account, days: Days, resolution: Resolution, channels: tuple[str, ...]
) -> AsyncIterator[ExportOrder]:
    policy = RetentionPolicy.of(state.settings)
    for number, link in enumerate(account.points, start=1):
        # Days before or after the account had the point are somebody else's.
        held = overlap(days, Days(link.from_day, link.to_day or date.max))
        point = await state.hall.points.load(link.point_id) if len(held) else None
        if point:
            today = local_day(state.clock.now(), point.zone)
            yield ExportOrder(
                point=point,
                number=number,
                channels=channels,
                days=held,
                resolution=resolution,
                today=today,
                expired_before=policy.kept_from(point.supply_class, today=today),
            )


async def _audit(state: State, agent: Agent, account: Account, kind: str) -> None:
    """Write into the audit trail whose usage an agent took away; where that fails, nothing is handed out."""
    holder = (await state.hall.people.holders.of_accounts([account.id])).get(account.id)
    fields = ("usage", kind)
    entry = AuditEntry(new_id(), state.clock.now(), Action.EXPORTED, agent.id, agent.name, holder, fields)
    await state.hall.people.audit.add(entry)


async def _content(state: State, kind: str, file: _File) -> AsyncIterator[bytes]:
    histories, now = state.hall.billing.histories, state.clock.now()
    if kind == "csv":
        return usage_csv(file.orders, histories=histories, labels=file.labels)
    if kind == "xml":
        parts = await usage_xml(file.orders[0], title=file.title, histories=histories, labels=file.labels, now=now)
        return _as_async(parts)
    return _excel(state, file)


async def _excel(state: State, file: _File) -> AsyncIterator[bytes]:
    with TemporaryDirectory(prefix="gridhall-usage-") as folder:
        path = Path(folder) / "usage.xlsx"
        async with state.excel_places:  # each keeps a processor busy; the others wait
            await usage_excel(
                file.orders,
                file=path,
                title=file.title,
                histories=state.hall.billing.histories,
                labels=file.labels,
                now=state.clock.now(),
            )
        with path.open("rb") as written:
            while piece := written.read(_PIECE):
                yield piece


async def _as_async(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
