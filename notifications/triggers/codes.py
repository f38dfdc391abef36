"""Events of one-time codes become text messages."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gridhall.kit.outbox import Outbox
from gridhall.notifications.catalogue import Way
from gridhall.notifications.ledger.model import Notice
from gridhall.notifications.sending.post_office import PostOffice


async def tell_codes(*, office: PostOffice, outbox: Outbox, event_ids: Sequence[UUID], now: datetime) -> list[str]:
    """Write the deliveries of codes that were asked for; the ledger names the code and never its digits."""
    events = await outbox.load(event_ids)
    return await office.deliveries.add(
        [
            (
                Notice(
                    key=f"code_asked:{event.about}",
                    kind="code_asked",
                    customer_id=None,
                    at=event.at,
                    data={"code_id": str(event.about)},
                ),
                {Way.SMS: None},
            )
            for event in events
        ],
        now=now,
    )
