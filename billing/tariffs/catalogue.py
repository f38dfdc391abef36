"""The tariffs that ship with gridhall, one TOML file each."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from gridhall.billing.tariffs.model import Tariff, TariffVersion
from gridhall.billing.tariffs.schema import TariffFile
from gridhall.metering.calendars.datafile import RuleFileError, read_rule_file


def tariff(code: str) -> Tariff:
    """Return the tariff of a code. Raises UnknownTariffError."""
    try:
        return _shipped()[code]
    except KeyError:
        raise UnknownTariffError(code) from None


def tariff_codes() -> tuple[str, ...]:
    """Return the codes of all tariffs, sorted."""
    return tuple(sorted(_shipped()))


def version(code: str, *, on: date) -> TariffVersion:
    """Return the version of a tariff that is in force on a local day.

    Raises UnknownTariffError, and NoVersionInForceError where the tariff says nothing about that day.
    """
    found = tariff(code)
    for one in found.versions:
        if one.in_force(on):
            return one
    raise NoVersionInForceError(found, on=on)


def version_named(version_id: str) -> TariffVersion:
    """Return the version that a bill names by its id. Raises UnknownTariffError where there is no such version."""
    for one in tariff(version_id.partition("@")[0]).versions:
        if one.id == version_id:
            return one
    raise UnknownTariffError(version_id)


def load_tariff(file: Traversable) -> Tariff:
    """Read one tariff file. Raises RuleFileError that names the field at fault."""
    content = read_rule_file(file, TariffFile)
    if file.name != f"{content.code}.toml":
        raise RuleFileError(file.name, "code", f"{content.code!r} must be the name of the file")
    return content.tariff()


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Tariff]:
    folder = files("gridhall.billing.tariffs") / "data"
    loaded = (load_tariff(file) for file in folder.iterdir() if file.name.endswith(".toml"))
    return MappingProxyType({one.code: one for one in loaded})


class UnknownTariffError(LookupError):
    """No tariff, or no version of one, has this name."""

    def __init__(self, code: str) -> None:
        super().__init__(f"tariff {code!r} is not known; there are {', '.join(tariff_codes())}")


class NoVersionInForceError(LookupError):
    """The tariff is known, but not what it said on this day."""

    def __init__(self, found: Tariff, *, on: date) -> None:
        known = ", ".join(f"{one.effective_from} to {one.effective_to or 'now'}" for one in found.versions)
        super().__init__(f"tariff {found.code} is not known on {on}; it is from {known}")
