"""Rule files: TOML checked against a model, with errors that name the file and the field."""

import tomllib
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

Model = TypeVar("Model", bound="RuleModel")


class RuleModel(BaseModel):
    """A table of a rule file: every field is of the type it says, and there are no others."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def read_rule_file(file: Traversable, model: type[Model]) -> Model:
    """Read a TOML file as `model`. Raises RuleFileError that names the file, the field and what is allowed."""
    return checked(read_tables(file), model, file=file.name)


def read_tables(file: Traversable | Path) -> dict[str, Any]:
    """Read a TOML file. Raises RuleFileError."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise RuleFileError(file.name, "", f"cannot be read: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise RuleFileError(file.name, "", f"is no TOML: {error}") from None


def checked(tables: Mapping[str, Any], model: type[Model], *, file: str, under: tuple[str, ...] = ()) -> Model:
    """Return tables of a file, those `under` some names, as `model`. Raises RuleFileError that names the field."""
    try:
        return model.model_validate(tables)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, (*under, *first["loc"])))
        raise RuleFileError(file, field, first["msg"].removeprefix("Value error, ")) from None


class RuleFileError(ValueError):
    """A rule file that cannot be used: which one, which field, and why."""

    def __init__(self, file: str, field: str, why: str) -> None:
        super().__init__(": ".join(part for part in (file, field, why) if part))
