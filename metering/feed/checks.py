"""The checks at the door: each takes a text as it came and returns what it means, or raises NotTakenError."""

import re
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from gridhall.kit.localdays import day_start, local_day, slots_in
from gridhall.kit.quantity import QuantityError, to_scaled
from gridhall.metering.feed.refusals import NotTakenError
from gridhall.metering.points.model import MAX_SCALE
from gridhall.metering.quality import CODES

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
_DATE = re.compile(r"\d{4}-?\d\d-?\d\d", re.ASCII)
_CODE = re.compile(r"\d{1,2}", re.ASCII)
_REGISTER = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_PLAIN_LENGTH = 18
_MINUTES_AN_HOUR = 60
_MAX_COUNT = 2**53
_MAX_VERSION = 2**53
_POWERS: tuple[int, ...] = tuple(10**scale for scale in range(MAX_SCALE + 1))


def check_energy(text: str | int, *, scale: int, minutes: int, max_kw: int) -> int:
    """Return the energy of a slot in counts of 10**-scale, exact."""
    value = _count(text, scale)
    if value * _MINUTES_AN_HOUR > max_kw * minutes * 10**scale:
        raise NotTakenError("implausible-power", text=text, minutes=minutes, most=max_kw)
    return value


def check_register(name: str, text: str | int, *, scale: int) -> int:
    """Return what a register shows in counts of 10**-scale, exact."""
    if not _REGISTER.fullmatch(name):
        raise NotTakenError("bad-register", name=name, text=text)
    value = _count(text, scale)
    if value > _MAX_COUNT:
        raise NotTakenError("bad-register", name=name, text=text)
    return value


def check_start(text: str, *, zone: str, minutes: int, latest: datetime, local: bool = False) -> tuple[date, int]:
    """Return the local day and the slot that begins at `text`. A slot that ends after `latest` is refused.

    local: where `text` says no offset, it is local time of `zone`.
    """
    instant = check_local_time(text, zone=zone) if local else check_instant(text)
    try:
        day = local_day(instant, zone)
        slot, rest = divmod(instant - day_start(day, zone), timedelta(minutes=minutes))
    except OverflowError:
        raise NotTakenError("bad-start", text=text) from None
    if rest or slot >= slots_in(day, zone, minutes):
        raise NotTakenError("off-slot-boundary", text=text, minutes=minutes)
    if instant + timedelta(minutes=minutes) > latest:
        raise NotTakenError("in-future")
    return day, slot


def check_instant(text: str) -> datetime:
    """Return the instant that `text` names, in UTC; it must say its offset."""
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise NotTakenError("bad-start", text=text)


def check_local_time(text: str, *, zone: str) -> datetime:
    """Return the instant that `text` names by its offset or, without one, as local time of `zone`, in UTC.

    Refuses a time that the clocks skip, and one that they show twice, for nobody knows which of both is meant.
    """
    try:
        written = datetime.fromisoformat(text)
        if written.tzinfo is not None:
            return check_instant(text)
        first, second = (written.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    except (ValueError, OverflowError):
        raise NotTakenError("bad-start", text=text) from None
    if first == second:
        return first
    raise NotTakenError("no-such-time" if second < first else "ambiguous-time", text=text, zone=zone)


def check_midnight(text: str, *, zone: str, latest: datetime) -> tuple[date, datetime]:
    """Return the local day that begins at `text`, an instant or the date of that day, and the instant."""
    try:
        instant = day_start(check_day(text), zone) if _DATE.fullmatch(text) else check_instant(text)
        day = local_day(instant, zone)
        midnight = day_start(day, zone)
    except OverflowError:
        raise NotTakenError("bad-start", text=text) from None
    if instant != midnight:
        raise NotTakenError("not-midnight", text=text, zone=zone)
    if instant > latest:
        raise NotTakenError("in-future")
    return day, instant


def check_day(text: str) -> date:
    """Return the date that `text` names."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotTakenError("bad-day", text=text) from None
    if not MINYEAR < day.year < MAXYEAR:  # the days at the end of time begin at no instant
        raise NotTakenError("bad-day", text=text)
    return day


def check_slot_count(given: int, *, day: date, zone: str, minutes: int) -> None:
    """Refuse a meter-day row that has not one value for every slot of the local day."""
    expected = slots_in(day, zone, minutes)
    if given != expected:
        raise NotTakenError("wrong-slot-count", given=given, expected=expected, minutes=minutes)


def check_past(slot: int, *, past: int) -> None:
    """Refuse a reading of a slot that is not among the `past` first ones of its day, which have ended."""
    if slot >= past:
        raise NotTakenError("in-future")


def check_interval(minutes: int | None, *, meter_minutes: int) -> None:
    """Refuse slots of another length than the meter's; a row need not say it."""
    if minutes is not None and minutes != meter_minutes:
        raise NotTakenError("wrong-interval", minutes=minutes, meter_minutes=meter_minutes)


def check_quality(text: str | int | None) -> int:
    """Return the quality code; none means valid (0)."""
    if text is None or text == "":
        return 0
    written = str(text)
    code = int(written) if _CODE.fullmatch(written) else -1
    if code not in CODES:
        raise NotTakenError("bad-quality", text=text)
    return code


def check_version(text: str | int | None) -> int:
    """Return the version of a reading; none is 0, which every other one outranks."""
    if text is None or text == "":
        return 0
    written = str(text)
    if written.isascii() and written.isdigit() and len(written) <= _PLAIN_LENGTH and int(written) <= _MAX_VERSION:
        return int(written)
    raise NotTakenError("bad-version", text=text, most=_MAX_VERSION)


def _count(text: str | int, scale: int) -> int:
    """Return a number of 0 or more in counts of 10**-scale.

    Nearly all numbers of a feed are plain digits, for which `Decimal` would take three times as long.
    """
    written = str(text)
    whole, _, decimals = written.partition(".")
    if len(written) <= _PLAIN_LENGTH and len(decimals) <= scale and whole.isdigit() and written.isascii():
        if not decimals:
            return _whole(written, scale)
        if decimals.isdigit():
            return int(whole + decimals) * _POWERS[scale - len(decimals)]
    if not _NUMBER.fullmatch(written):
        raise NotTakenError("bad-number", text=text)
    number = Decimal(written)
    if number < 0:
        raise NotTakenError("negative-energy", text=text)
    try:
        return to_scaled(number, scale=scale)
    except QuantityError:
        raise NotTakenError("finer-than-scale", text=text, scale=scale) from None


def _whole(written: str, scale: int) -> int:
    if written.endswith("."):
        raise NotTakenError("bad-number", text=written)
    return int(written) * _POWERS[scale]
