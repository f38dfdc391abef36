"""What a batch needs to know of one meter and channel, looked up once and then used for every reading of it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial

from gridhall.kit.localdays import Month, day_start, slots_in
from gridhall.metering.feed.checks import (
    check_day,
    check_energy,
    check_interval,
    check_quality,
    check_start,
    check_version,
)
from gridhall.metering.feed.drafts import DayDraft
from gridhall.metering.feed.formats.rows import Meter
from gridhall.metering.feed.memo import Memo
from gridhall.metering.feed.model import FeedSource, Limits
from gridhall.metering.feed.refusals import NotTakenError
from gridhall.metering.histories.packing import MISSING
from gridhall.metering.points.model import KnownMeter, MeterLink, ServicePoint

Energies = Memo[str | int | None, int]
Places = Memo[str, tuple[date, int]]


class Gauge:
    """One meter and channel as the feed names it, with the memos that it shares with meters of its kind."""

    __slots__ = ("channel", "drafts", "energies", "kept_from", "known", "places", "source", "zone")

    def __init__(
        self,
        *,
        known: KnownMeter,
        channel: str,
        zone: str,
        energies: Energies,
        places: Places,
        source: FeedSource,
        kept_from: Mapping[str, date],
    ) -> None:
        self.known, self.channel, self.zone, self.source = known, channel, zone, source
        self.energies, self.places, self.kept_from = energies, places, kept_from
        self.drafts: dict[date, DayDraft] = {}

    def point_on(self, day: date) -> tuple[ServicePoint, MeterLink]:
        """Return where the meter hangs on a day. Refuses a meter that hangs nowhere or beyond the source's scope."""
        place = self.known.point_on(day)
        if place is None:
            raise NotTakenError("not-linked", on=day)
        if self.source.regions is not None and place[0].region not in self.source.regions:
            raise NotTakenError("foreign-meter", region=place[0].region)
        if not self.source.may_write(place[0].org_path):
            raise NotTakenError("foreign-organisation", path=place[0].org_path)
        return place

    def place_kept(self, day: date) -> tuple[ServicePoint, MeterLink]:
        """Return the same where the curve of the day is kept. Refuses a day whose detail is past its time.

        Its totals stand, and a part of a day laid over nothing would take their place.
        """
        point, link = self.point_on(day)
        kept_from = self.kept_from.get(point.supply_class)
        if kept_from is not None and day < kept_from:
            raise NotTakenError("expired", oldest=kept_from)
        return point, link

    def draft(self, day: date) -> DayDraft:
        """Return the day under construction, begun where the batch had no reading of it yet."""
        found = self.drafts.get(day)
        if found is None:
            point, link = self.place_kept(day)
            meter = self.known.meter
            minutes = meter.interval_minutes
            found = self.drafts[day] = DayDraft(
                point=point,
                link=link,
                channel=self.channel,
                day=day,
                minutes=minutes,
                scale=meter.scale,
                slots=slots_in(day, self.zone, minutes),
            )
        return found


class Gauges:
    """The gauges of one intake. Meters of the same scale, slots and zone share what was found out about texts."""

    def __init__(self, *, source: FeedSource, limits: Limits, now: datetime) -> None:
        self._source = source
        self.latest = now + timedelta(minutes=limits.clock_skew_minutes)
        # By the month of UTC; retention takes detail a day later, so that what is let in here finds its day.
        self._kept_from = {
            name: Month.of(now.date()).shift(-months).first for name, months in limits.kept_months.items()
        }
        self._known: Mapping[str, KnownMeter] = {}
        self._kinds = Memo(partial(_memos_of, limits=limits, latest=self.latest))
        self._gauges: dict[tuple[str, str], Gauge] = {}
        self.days: Memo[str, date] = Memo(check_day)
        self.codes: Memo[str | int | None, int] = Memo(check_quality)
        self.versions: Memo[str | int | None, int] = Memo(check_version)

    def know(self, known: Mapping[str, KnownMeter]) -> None:
        """Go on with rows whose meters, as far as anybody knows them, are `known`."""
        self._known = known

    def end_batch(self) -> list[DayDraft]:
        """Return every day that the batch has readings of, and forget its meters."""
        drafts = [draft for gauge in self._gauges.values() for draft in gauge.drafts.values()]
        self._gauges = {}
        return drafts

    def over(self, day: date, zone: str) -> bool:
        """Tell whether the whole local day lies in the past, or within the allowed clock skew."""
        return day_start(day + timedelta(days=1), zone) <= self.latest

    def slots_past(self, day: date, zone: str, minutes: int) -> int:
        """Return how many slots of a local day have ended, within the allowed clock skew."""
        return max(0, (self.latest - day_start(day, zone)) // timedelta(minutes=minutes))

    def gauge(self, meter: Meter) -> Gauge:
        """Return the gauge that a row names. Refuses an unknown meter, a channel it has not, and wrong slots."""
        number, channel, minutes = meter
        found = self._gauges.get((number, channel))
        if found is None:
            found = self._gauges[number, channel] = self._new_gauge(number, channel)
        check_interval(minutes, meter_minutes=found.known.meter.interval_minutes)
        return found

    def _new_gauge(self, number: str, channel: str) -> Gauge:
        known = self._known.get(number)
        if known is None:
            raise NotTakenError("unknown-meter")
        if not known.points:
            raise NotTakenError("not-linked", on="any day")
        if channel not in known.meter.channels:
            raise NotTakenError("unknown-channel", channel=channel, allowed=", ".join(sorted(known.meter.channels)))
        zone = known.points[0].zone
        energies, places = self._kinds[known.meter.scale, known.meter.interval_minutes, zone]
        return Gauge(
            known=known,
            channel=channel,
            zone=zone,
            energies=energies,
            places=places,
            source=self._source,
            kept_from=self._kept_from,
        )


def _memos_of(kind: tuple[int, int, str], *, limits: Limits, latest: datetime) -> tuple[Energies, Places]:
    """Return the memos that meters of the same scale, slots and zone share."""
    scale, minutes, zone = kind
    return (
        Memo(partial(_energy, scale=scale, minutes=minutes, max_kw=limits.max_kw)),
        Memo(partial(check_start, zone=zone, minutes=minutes, latest=latest, local=limits.local_times)),
    )


def _energy(text: str | int | None, *, scale: int, minutes: int, max_kw: int) -> int:
    if text is None:
        return MISSING
    return check_energy(text, scale=scale, minutes=minutes, max_kw=max_kw)
