"""Reads a tariff of an operator from TOML or JSON, by the same rules as one that ships."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from gridhall.billing.tariffs.schema import TariffFile
from gridhall.metering.calendars.datafile import RuleFileError, checked, read_tables, read_text

_DATES = ("effective_from", "effective_to")


def read_tariff(file: Path) -> TariffFile:
    """Read a tariff file by its ending, `.toml` or `.json`. Raises RuleFileError that names the field at fault."""
    if file.suffix == ".toml":
        return checked(read_tables(file), TariffFile, file=file.name)
    if file.suffix == ".json":
        return checked(with_dates(_json_tables(file), file=file.name), TariffFile, file=file.name)
    raise RuleFileError(file.name, "", "must be a .toml or a .json file")


def with_dates(tables: Mapping[str, Any], *, file: str) -> dict[str, Any]:
    """Return tables of JSON, which has no dates, with the days of its versions as dates. Raises RuleFileError."""
    versions = tables.get("versions")
    if not isinstance(versions, list) or not all(isinstance(one, dict) for one in versions):
        raise RuleFileError(file, "versions", "must be a list of tables, one a version")
    return {**tables, "versions": [_dated(one, f"versions.{number}", file) for number, one in enumerate(versions)]}


def _dated(version: Mapping[str, Any], where: str, file: str) -> dict[str, Any]:
    found = dict(version)
    for name in _DATES:
        if isinstance(found.get(name), str):
            try:
                found[name] = date.fromisoformat(found[name])
            except ValueError:
                raise RuleFileError(
                    file, f"{where}.{name}", f"{found[name]!r} is not a day; write it like 2027-01-01"
                ) from None
    return found


def _json_tables(file: Path) -> dict[str, Any]:
    text = read_text(file)
    try:
        tables = json.loads(text)
    except ValueError as error:
        raise RuleFileError(file.name, "", f"is no JSON: {error}") from None
    except RecursionError:
        raise RuleFileError(file.name, "", "is nested too deeply") from None
    if not isinstance(tables, dict):
        raise RuleFileError(file.name, "", "must be one object, with code, region, title and versions")
    return tables
