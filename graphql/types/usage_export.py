"""Links to files of usage."""

from datetime import date, datetime
from enum import Enum

import strawberry

from gridhall.billing.accounts.model import AccountId
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.types.usage import Channel
from gridhall.kit.links import Bearer
from gridhall.metering.histories.ranges import Resolution, in_reach


@strawberry.enum(description="What a file of usage is.")
class FileKind(Enum):
    """What a file of usage is."""

    CSV = "csv"
    EXCEL = "xlsx"
    GREEN_BUTTON = strawberry.enum_value("xml", description="XML of intervals (NAESB ESPI).")


@strawberry.type(description="A link that opens without a token, until it ends or the right to see the account does.")
class UsageFile:
    """A link to a file of usage."""

    url: str
    expires_at: datetime


def usage_file(
    info: Info,
    *,
    account_id: AccountId,
    start: date,
    end: date,
    kind: FileKind,
    resolution: Resolution,
    channels: list[Channel],
) -> UsageFile:
    """Sign a link. Raises RefusedError for a range longer than a file may be."""
    hall, subject = info.context.hall, info.context.subject
    most = hall.settings.export_max_days
    if not in_reach(start, end) or not 0 < (end - start).days <= most:
        raise RefusedError("input.bad_range", {"most": most})
    if subject.id is None:
        raise RefusedError("access.sign_in_first")
    link = hall.links.sign(
        f"/v1/accounts/{account_id}/usage.{kind.value}",
        {
            "from": start.isoformat(),
            "to": end.isoformat(),
            "resolution": resolution.value,
            "channel": [channel.value for channel in dict.fromkeys(channels)],
        },
        by=Bearer(subject.kind, subject.id),
        now=hall.clock.now(),
    )
    return UsageFile(url=f"{hall.settings.public_url}{link.path}", expires_at=link.expires_at)
