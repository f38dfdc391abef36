"""The calendars that ship with gridhall, and those of a folder of the operator's own; one TOML file each."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Final

from gridhall.kit.settings import settings
from gridhall.metering.calendars.datafile import RuleFileError, read_rule_file
from gridhall.metering.calendars.model import Calendar, Title
from gridhall.metering.calendars.schema import CalendarFile


def calendar(code: str) -> Calendar:
    """Return the calendar of a code, always the same object. Raises UnknownCalendarError."""
    found = _shipped().get(code) or _own().get(code)
    if found is None:
        raise UnknownCalendarError(code)
    return found


def calendar_codes() -> tuple[str, ...]:
    """Return the codes of all calendars, sorted."""
    return tuple(sorted({**_shipped(), **_own()}))


STANDARD_PERIODS: Final[Mapping[str, Title]] = MappingProxyType(
    {
        "critical_peak": Title(zh="尖", en="critical peak"),
        "peak": Title(zh="峰", en="peak"),
        "flat": Title(zh="平", en="flat"),
        "valley": Title(zh="谷", en="valley"),
        "deep_valley": Title(zh="深谷", en="deep valley"),
    }
)
"""The periods that meters count apart, whatever the calendar of their point."""


def period_titles(of: Calendar) -> dict[str, Title]:
    """Return the names of all periods by code, as `of` calls them where it has them.

    A history may hold periods of a calendar that its point had before, or those that a meter counted.
    """
    known = (*_shipped().values(), *_own().values())
    others = {code: title for one in known for code, title in zip(one.periods, one.titles, strict=True)}
    return {**STANDARD_PERIODS, **others} | dict(zip(of.periods, of.titles, strict=True))


def load_calendar(file: Traversable | Path) -> Calendar:
    """Read one calendar file. Raises RuleFileError that names the field at fault."""
    content = read_rule_file(file, CalendarFile)
    if file.name != f"{content.code}.toml":
        raise RuleFileError(file.name, "code", f"{content.code!r} must be the name of the file")
    return content.calendar()


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Calendar]:
    return _loaded(files("gridhall.metering.calendars") / "data")


@lru_cache(maxsize=1)
def _own() -> Mapping[str, Calendar]:
    """Return those of the setting `calendars`. Raises RuleFileError, also where one has the code of one that ships."""
    folder = settings().calendars
    found = _loaded(folder) if folder else {}
    if taken := _shipped().keys() & found.keys():
        raise RuleFileError(f"{min(taken)}.toml", "code", "is a calendar that ships; give another code")
    return found


def _loaded(folder: Traversable | Path) -> Mapping[str, Calendar]:
    loaded = (load_calendar(file) for file in folder.iterdir() if file.name.endswith(".toml"))
    return MappingProxyType({one.code: one for one in loaded})


class UnknownCalendarError(LookupError):
    """No calendar has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"calendar {code!r} is not known; there are {', '.join(calendar_codes())}")
