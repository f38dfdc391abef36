"""The tariffs that are known: those that ship with gridhall, one TOML file each, and those that were imported.

A version is never changed and never goes away; where a later one begins, the one before it ends.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Final

from gridhall.billing.tariffs.model import Supply, Tariff, TariffVersion
from gridhall.billing.tariffs.schema import TariffFile
from gridhall.metering.calendars.datafile import RuleFileError, read_rule_file


def tariff(code: str) -> Tariff:
    """Return the tariff of a code. Raises UnknownTariffError."""
    try:
        return _known[code]
    except KeyError:
        raise UnknownTariffError(code) from None


def supply_of(code: str) -> Supply:
    """Return whom a tariff supplies. A code that is not known here, such as a supplier's own, says it itself.

    One that says nothing, like that of an imported bill without any, is treated as a home: most gently.
    """
    found = _known.get(code)
    if found is not None:
        return found.supply
    return "commercial" if "commercial" in code else "residential"


def tariff_codes() -> tuple[str, ...]:
    """Return the codes of all tariffs, sorted."""
    return tuple(sorted(_known))


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


def adopt(imported: Iterable[Tariff]) -> None:
    """Let this process know imported tariffs, of which each has some versions, beside the shipped ones; no others."""
    global _known  # noqa: PLW0603 - a process has one catalogue; readers see the old or the new one
    found = dict(_SHIPPED)
    for one in imported:
        earlier = found.get(one.code, replace(one, versions=()))
        found[one.code] = replace(earlier, versions=_in_order((*earlier.versions, *one.versions)))
    _known = found


def _in_order(versions: Iterable[TariffVersion]) -> tuple[TariffVersion, ...]:
    """Sort versions by their first days, each of which ends the version before."""
    ordered = sorted(versions, key=lambda one: one.effective_from)
    ended = (
        one
        if one.effective_to and one.effective_to <= after.effective_from
        else replace(one, effective_to=after.effective_from)
        for one, after in pairwise(ordered)
    )
    return (*ended, *ordered[-1:])


def _ship() -> dict[str, Tariff]:
    folder = files("gridhall.billing.tariffs") / "data"
    loaded = (load_tariff(file) for file in folder.iterdir() if file.name.endswith(".toml"))
    return {one.code: one for one in loaded}


_SHIPPED: Final[Mapping[str, Tariff]] = _ship()
_known: Mapping[str, Tariff] = _SHIPPED


class UnknownTariffError(LookupError):
    """No tariff, or no version of one, has this name."""

    def __init__(self, code: str) -> None:
        super().__init__(f"tariff {code!r} is not known; there are {', '.join(tariff_codes())}")


class NoVersionInForceError(LookupError):
    """The tariff is known, but not what it said on this day."""

    def __init__(self, found: Tariff, *, on: date) -> None:
        known = ", ".join(f"{one.effective_from} to {one.effective_to or 'now'}" for one in found.versions)
        super().__init__(f"tariff {found.code} is not known on {on}; it is from {known}")
