"""Why rows are refused: one code and one sentence a reason. They speak to those who run the feed, in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "line-too-long": "the row is longer than {most} bytes; only its beginning is kept",
        "not-text": "the row is no UTF-8 text",
        "not-json": "the row is no JSON object",
        "unknown-columns": "{names} is not known; allowed: {allowed}",
        "bad-field": "{field} must be {allowed}",
        "unknown-stream": "stream {name} in {text} is none that we keep; allowed: {allowed}",
        "unknown-meter": "no meter of this number is registered",
        "foreign-meter": "the meter is in region {region}, which is outside this feed client's scope",
        "foreign-organisation": "the meter belongs to {path}, which is outside this feed client's scope",
        "unknown-channel": "channel {channel} is none of this meter; it has {allowed}",
        "wrong-interval": "slots of {minutes} minutes, but the meter counts in slots of {meter_minutes}",
        "not-linked": "the meter hangs at no service point on {on}",
        "bad-number": "energy {text} is no plain decimal number",
        "negative-energy": "energy {text} kWh is below zero",
        "finer-than-scale": "energy {text} kWh has more than the {scale} decimals that the meter counts",
        "implausible-power": "energy {text} kWh in {minutes} minutes is more than {most} kW on average",
        "bad-start": "start {text} is no instant with an offset, like 2026-10-03T08:15:00+08:00",
        "no-such-time": "the clocks of {zone} skip {text}",
        "ambiguous-time": "the clocks of {zone} show {text} twice; say which is meant by its offset",
        "off-slot-boundary": "start {text} is not the beginning of a slot of {minutes} minutes",
        "in-future": "a reading that ends in the future cannot have been measured",
        "bad-day": "day {text} is no date like 2026-10-03",
        "expired": "the detail of days before {oldest} is past its time; bring it back from the archive first",
        "wrong-slot-count": "{given} values, but this local day has {expected} slots of {minutes} minutes",
        "unknown-period": "{name} is no period of use; allowed: {allowed}",
        "periods-differ": "the periods of the day add up to {given} kWh, but its total is {expected} kWh",
        "no-day-total": "the day has no total, and one of its periods is missing too",
        "bad-quality": "quality {text} is no ESPI code (0 or 7 to 19)",
        "bad-version": "version {text} is no whole number of 0 to {most}",
        "not-midnight": "registers are read at a local midnight of {zone}, and {text} is none",
        "taken-elsewhen": "registers of the midnight that begins {on} cannot have been read at {text}",
        "bad-entry": "the stream entry cannot be read: {reason}",
        "unsigned-entry": "the stream entry is not signed by a feed client of the name {name}",
        "entry-too-large": "the stream entry is larger than {most} bytes; only its beginning is kept",
        "poison-entry": "the stream entry could not be stored after {deliveries} deliveries: {reason}",
        "bad-register": "register {name} must be `total` or a period code with a count of 0 or more, got {text}",
    }
)
"""Every reason, by code. Braces name what the check has to tell."""

_LONGEST = 60


class NotTakenError(Exception):
    """A check said no: the code of the reason and what its sentence needs."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row, or some readings of a meter-day row, that were not taken.

    raw: the row as it came. readings: how many readings are refused with it. meter, day: where they are known.
    head: what has to stand above the row for it to be read alone.
    """

    line: int
    raw: bytes
    code: str
    params: Mapping[str, object]
    readings: int = 1
    meter: str | None = None
    day: str | None = None
    head: bytes = b""

    @property
    def sentence(self) -> str:
        """Say which row was refused, why, and where it is now."""
        params = {name: _shown(value) for name, value in self.params.items()}
        meter, day = self.meter and f"meter {_shown(self.meter)}", self.day and _shown(self.day)
        place = ", ".join(part for part in (meter, day, f"line {self.line}") if part)
        return f"{place}: {SENTENCES[self.code].format(**params)}; kept in quarantine as {self.code}"


def _shown(value: object) -> str:
    """Return a text as terminals and logs may show it: a row of a sender must write no lines of its own there."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in str(value)[:_LONGEST])
