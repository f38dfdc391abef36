"""Days under construction: the readings of a batch, sorted into the days that they belong to."""

from collections.abc import Sequence
from datetime import date

from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY
from gridhall.metering.points.model import MeterLink, ServicePoint


class DayDraft:
    """The readings of one day and channel of a point within a batch.

    A slot that is read twice in one batch with two values or versions is contested: the second reading and all after
    it wait in `later` until this draft is stored, so that they find the first one kept, as if they had come in a later
    batch, and the rules of merging choose between them. versions: None until a reading has one.
    """

    __slots__ = (
        "channel",
        "codes",
        "contested",
        "day",
        "later",
        "link",
        "minutes",
        "point",
        "scale",
        "values",
        "versions",
    )

    def __init__(
        self, *, point: ServicePoint, link: MeterLink, channel: str, day: date, minutes: int, scale: int, slots: int
    ) -> None:
        self.point, self.link, self.channel, self.day = point, link, channel, day
        self.minutes, self.scale = minutes, scale
        self.values: list[int] = [MISSING] * slots
        self.codes = bytearray([MISSING_QUALITY]) * slots
        self.versions: list[int] | None = None
        self.contested: set[int] = set()
        self.later: list[tuple[int, int, int, int]] = []

    def put(self, slot: int, value: int, code: int, version: int = 0) -> bool:
        """Put a reading into its slot; return False where it says the same as the one before."""
        if self.values[slot] < 0:
            self.values[slot], self.codes[slot] = value, code
            if version:
                self.versions = self.versions or [0] * len(self.values)
                self.versions[slot] = version
        elif slot in self.contested or not self._says(slot, value, code, version):
            self.contested.add(slot)
            self.later.append((slot, value, code, version))
        else:
            return False
        return True

    def put_all(self, values: list[int], codes: bytearray, version: int) -> int:
        """Put the readings of a whole day; return how many said the same as the reading before of their slot."""
        if not self.later and self.values.count(MISSING) == len(self.values):
            self.values, self.codes = values, codes
            self.versions = [version] * len(values) if version else None
            return 0
        return sum(not self.put(slot, value, codes[slot], version) for slot, value in enumerate(values) if value >= 0)

    def piece(self) -> DayPiece:
        """Return what is stored: the energy of the point, which is the meter's times its multiplier."""
        values, times = self.values, self.link.multiplier
        if times != 1:
            values = [value * times if value > 0 else value for value in values]
        return DayPiece(
            key=day_key(self.point.id, self.channel, self.day),
            minutes=self.minutes,
            scale=self.scale,
            zone=self.point.zone,
            calendar=self.point.calendar,
            values=values,
            quality=self.codes,
            versions=self.versions,
        )

    def rest(self) -> tuple["DayDraft", int]:
        """Return a draft of the contested readings, and how many of them said the same as the one before."""
        rest = DayDraft(
            point=self.point,
            link=self.link,
            channel=self.channel,
            day=self.day,
            minutes=self.minutes,
            scale=self.scale,
            slots=len(self.values),
        )
        return rest, sum(not rest.put(*reading) for reading in self.later)

    def _says(self, slot: int, value: int, code: int, version: int) -> bool:
        kept = self.versions[slot] if self.versions else 0
        return self.values[slot] == value and self.codes[slot] == code and kept == version


def waves(drafts: Sequence[DayDraft]) -> tuple[list[list[DayPiece]], int]:
    """Return the pieces to store, each wave after the one before, and how many readings in them said nothing new."""
    result, repeated = [], 0
    while drafts:
        result.append([draft.piece() for draft in drafts])
        rests = [draft.rest() for draft in drafts if draft.later]
        drafts = [rest for rest, _ in rests]
        repeated += sum(count for _, count in rests)
    return result, repeated
