"""The demo's one supply that may be cut: a bill of months ago was never paid, and the notice was served on paper."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gridhall.api.demo.agents import COLLECTOR
from gridhall.api.demo.people import Resident
from gridhall.api.state import State
from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.cutting.model import NoticeKind, Proof, ProofWay
from gridhall.billing.arrears.cutting.notices import serve
from gridhall.billing.arrears.cutting.operations import propose_due
from gridhall.billing.arrears.operations import scan_accounts
from gridhall.kit.localdays import local_day
from gridhall.notifications.typesetting import typeset

CUT: Final = 29
"""Number of the resident whose supply is proposed to be cut."""
SKIPPED: Final = 3
"""The bill that was not paid is so many months older than the newest."""

_SERVED_BEFORE: Final = timedelta(days=10)
_PAPER: Final = Path(__file__).parent / "receipt"


async def serve_and_propose(state: State, one: Resident, *, now: datetime) -> None:
    """Make the notice as the ladder made it days ago, serve it with a photo, and propose the cut today. Idempotent."""
    billing = state.hall.billing
    found = await state.hall.people.agents.agents.by_name(COLLECTOR)
    if found is None:
        raise LookupError(f"the demo has no agent {COLLECTOR}")
    collector, _ = found
    account_id, then = AccountId(one.account_id), now - _SERVED_BEFORE
    today = local_day(then, state.settings.time_zone)
    await scan_accounts(arrears=billing.arrears, account_ids=[account_id], today=today, now=then)
    serving = billing.follow_up.serving
    signed = {"account": one.account_number, "name": one.name, "address": one.address, "day": today.isoformat()}
    drawn = typeset(_PAPER, name="paper", data=signed, on=today, form="png")
    photo = await serving.blobs.put(drawn, by=collector.id, now=now)
    for notice in await serving.notices.of_accounts([account_id]):
        if notice.kind is NoticeKind.DISCONNECTION and notice.served_at is None:
            proof = Proof(ProofWay.PAPER, then, collector.name, photo=photo.id)
            await serve(serving=serving, notice_id=notice.id, proof=proof, now=then, by_id=collector.id)
    await propose_due(cutting=billing.follow_up.cutting, region=one.household.region, now=now)
