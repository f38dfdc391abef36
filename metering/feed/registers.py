"""Register rows at the door: what the counters of a meter showed at a local midnight."""

from datetime import date, datetime, timedelta

from gridhall.kit.localdays import local_day
from gridhall.metering.feed.checks import check_instant, check_midnight, check_quality, check_register, check_version
from gridhall.metering.feed.formats.rows import RegisterRow
from gridhall.metering.feed.gauges import Gauge
from gridhall.metering.feed.refusals import NotTakenError
from gridhall.metering.points.model import MeterLink, ServicePoint
from gridhall.metering.registers.model import RegisterRead
from gridhall.metering.registers.origin import REMOTE, How, Origin

_ONE_DAY = timedelta(days=1)


def register_read(row: RegisterRow, *, gauge: Gauge, latest: datetime) -> RegisterRead:
    """Return what a register row says, or raise NotTakenError. `latest`: beyond it lies the future."""
    day, at = check_midnight(row.at, zone=gauge.zone, latest=latest)
    point, link, closing = _place_at(gauge, day)
    scale, version = gauge.known.meter.scale, check_version(row.version)
    return RegisterRead(
        point_id=point.id,
        channel=gauge.channel,
        meter=gauge.known.meter.number,
        day=day,
        at=at,
        values={name: check_register(name, text, scale=scale) for name, text in row.registers.items()},
        scale=scale,
        quality=check_quality(row.quality),
        multiplier=link.multiplier,
        closing=closing,
        origin=_origin(row, day=day, zone=gauge.zone, latest=latest),
        versions=dict.fromkeys(row.registers, version) if version else {},
    )


def _origin(row: RegisterRow, *, day: date, zone: str, latest: datetime) -> Origin:
    """Return when a remote read was really taken: a day before or after the one that its midnight begins at most."""
    if row.taken is None:
        return REMOTE
    taken = check_instant(row.taken)
    if abs((local_day(taken, zone) - day).days) > 1:
        raise NotTakenError("taken-elsewhen", text=row.taken, on=day)
    if taken > latest:
        raise NotTakenError("in-future")
    return Origin(How.REMOTE, taken_at=taken)


def _place_at(gauge: Gauge, day: date) -> tuple[ServicePoint, MeterLink, bool]:
    """Return where a meter hangs at the midnight that begins `day`, and whether it is taken down at it."""
    if gauge.known.point_on(day) is None and gauge.known.point_on(day - _ONE_DAY):
        return *gauge.point_on(day - _ONE_DAY), True
    return *gauge.point_on(day), False
