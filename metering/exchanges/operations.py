"""Exchanging a meter: links, meter, both register reads and the record of it, all or nothing, once."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from gridhall.kit.blobs import Attachment, BlobRepository
from gridhall.kit.localdays import Days, day_start, local_day
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.subject import Refusal
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.exchanges.model import Exchange, Exchanged
from gridhall.metering.exchanges.policies import ID_REUSED, NO_SUCH_POINT, checked_registers, may_exchange
from gridhall.metering.exchanges.repository import ExchangeRepository
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.quality import ESTIMATES, Quality
from gridhall.metering.registers.model import RegisterRead
from gridhall.metering.registers.operations import record_reads_in
from gridhall.metering.registers.origin import How, Origin
from gridhall.metering.registers.repository import RegisterRepository

EXCHANGE: Final = "exchange"
_LOOK_BACK_DAYS: Final = 400


@dataclass(frozen=True, slots=True)
class Exchanges:
    """What exchanging needs at hand. skew: how far a clock may be ahead of ours."""

    mongo: Mongo
    exchanges: ExchangeRepository
    points: PointRepository
    registers: RegisterRepository
    blobs: BlobRepository
    skew: timedelta

    @classmethod
    def open(cls, *, mongo: Mongo, skew: timedelta) -> "Exchanges":
        """Open them on a database."""
        return cls(
            mongo=mongo,
            exchanges=ExchangeRepository(mongo),
            points=PointRepository(mongo),
            registers=RegisterRepository(mongo),
            blobs=BlobRepository(mongo),
            skew=skew,
        )


async def exchange_meter(*, exchange: Exchange, stores: Exchanges, now: datetime) -> Exchanged | Refusal:
    """Put a new meter in the place of an old one. Idempotent by the exchange's id.

    In one transaction the old link ends and the new one begins, the new meter is registered, both register reads are
    kept, and the exchange is written down. A running feed sees the new link within a minute; what it refuses until
    then is taken again by `replaying`.
    """
    at = exchange.at.replace(microsecond=exchange.at.microsecond // 1000 * 1000)
    exchange = replace(exchange, at=at, closing=dict(exchange.closing), opening=dict(exchange.opening))

    async def work(transaction: Transaction) -> Exchanged | Refusal:
        return await _exchange(exchange, stores, now, transaction)

    done = await stores.mongo.transact(work)
    if isinstance(done, Exchanged) and exchange.by:
        where = Attachment(EXCHANGE, str(exchange.id), done.region, done.org_path)
        await stores.blobs.attach(exchange.photos, to=where, by=exchange.by)
    return done


async def _exchange(
    exchange: Exchange, stores: Exchanges, now: datetime, transaction: Transaction
) -> Exchanged | Refusal:
    kept = await stores.exchanges.load(exchange.id, transaction=transaction)
    if kept:
        return kept if kept.exchange == exchange else ID_REUSED
    point = (await stores.points.by_ids([exchange.point_id], transaction=transaction)).get(exchange.point_id)
    if point is None:
        return NO_SUCH_POINT
    known = await stores.points.known([exchange.old, exchange.new.number], transaction=transaction)
    day = local_day(exchange.at, point.zone)
    new_meter = known.get(exchange.new.number)
    may = may_exchange(exchange, point=point, day=day, new_meter=new_meter, now=now, skew=stores.skew)
    if may is not True:
        return may
    old = known[exchange.old].meter if exchange.old in known else Meter(exchange.old)
    new = old if exchange.new.number == exchange.old else exchange.new
    checked = checked_registers(exchange, old=old, new=new, last=await _last(point, old.number, day, stores))
    if isinstance(checked, Refusal):
        return checked
    closing, opening = checked
    done = Exchanged(exchange, day, point.region, point.org_path, closing, opening, now)
    await stores.points.put([_linked(point, exchange, day)], [new], transaction=transaction)
    await record_reads_in(
        reads=_reads(done, point, old, new), registers=stores.registers, now=now, transaction=transaction
    )
    await stores.exchanges.add(done, transaction=transaction)
    return done


async def _last(point: ServicePoint, meter: str, day: date, stores: Exchanges) -> RegisterRead | None:
    """Return what the old meter showed last before the day of the exchange, or at its beginning."""
    days = Days(day - timedelta(days=_LOOK_BACK_DAYS), day + timedelta(days=1))
    found = await stores.registers.within([point.id], channel=IMPORT_KWH, days=days)
    reads = [read for key in sorted(found) for read in found[key].reads if read.meter == meter]
    measured = [read for read in reads if read.quality not in ESTIMATES]
    return measured[-1] if measured else None


def _linked(point: ServicePoint, exchange: Exchange, day: date) -> ServicePoint:
    ended = tuple(
        replace(link, to_day=day) if link.meter == exchange.old and link.to_day is None else link
        for link in point.links
    )
    return replace(point, links=(*ended, MeterLink(exchange.new.number, day, multiplier=exchange.multiplier)))


def _reads(done: Exchanged, point: ServicePoint, old: Meter, new: Meter) -> list[RegisterRead]:
    """Return the closing and the opening read; of a meter that stays there is one, with its new multiplier."""
    exchange = done.exchange
    origin = Origin(How.EXCHANGE, id=exchange.id, by=exchange.by, taken_at=exchange.at, photos=exchange.photos)
    before = point.link_on(done.day - timedelta(days=1))
    opening = RegisterRead(
        point_id=point.id,
        channel=IMPORT_KWH,
        meter=new.number,
        day=done.day,
        at=day_start(done.day, point.zone),
        values=done.opening,
        scale=new.scale,
        quality=Quality.VALID,
        multiplier=exchange.multiplier,
        origin=origin,
    )
    if old.number == new.number:
        return [opening]
    closing = replace(
        opening,
        meter=old.number,
        values=done.closing,
        scale=old.scale,
        multiplier=before.multiplier if before else 1,
        closing=True,
    )
    return [closing, opening]
