"""How days, months and heads look as documents. `schema` is raised when a field changes its meaning."""

from datetime import date

from gridhall.kit.mongo import Document
from gridhall.metering.histories.model import DayBucket, DayTotals, Head, MonthOfDays

SCHEMA = 1


def from_bucket(bucket: DayBucket) -> Document:
    """Return the document of `usage_days`; most feeds have no versions, and then the document has none."""
    document = {
        "_id": bucket.key,
        "schema": SCHEMA,
        "r": bucket.revision,
        "asOf": bucket.as_of,
        "minutes": bucket.minutes,
        "scale": bucket.scale,
        "zone": bucket.zone,
        "calendar": bucket.calendar,
        "values": bucket.values,
        "quality": bucket.quality,
        "totals": bucket.totals,
    }
    if bucket.versions:
        document["versions"] = bucket.versions
    return document


def to_bucket(document: Document) -> DayBucket:
    """Read a document of `usage_days`."""
    return DayBucket(
        key=document["_id"],
        revision=document["r"],
        minutes=document["minutes"],
        scale=document["scale"],
        zone=document["zone"],
        calendar=document["calendar"],
        values=document["values"],
        quality=document["quality"],
        totals=document["totals"],
        as_of=document["asOf"],
        versions=document.get("versions", 0),
    )


def from_totals(totals: DayTotals) -> list[object]:
    """Return the entry of a day inside `usage_months`: an array, because there are 31 of them in a document."""
    return [totals.revision, totals.scale, totals.present, totals.expected, totals.quality, totals.totals]


def to_month(document: Document) -> MonthOfDays:
    """Read a document of `usage_months`, whole or projected to some of its days."""
    return MonthOfDays(
        key=document["_id"],
        revision=document["r"],
        minutes=document["minutes"],
        zone=document["zone"],
        as_of=document["asOf"],
        days={int(number): DayTotals(*entry) for number, entry in document.get("days", {}).items()},
        running=document.get("running"),
    )


def to_head(document: Document) -> Head:
    """Read a document of `usage_heads`."""
    return Head(
        point_id=document["_id"],
        revision=document["r"],
        as_of=document["asOf"],
        last_day=date.fromisoformat(document["lastDay"]),
        minutes=document["minutes"],
        zone=document["zone"],
        told=document["told"],
    )


def told_name(month_key: bytes) -> str:
    """Return the name under which a head keeps how far it was told of a month: channel and month in hex."""
    return month_key[16:].hex()
