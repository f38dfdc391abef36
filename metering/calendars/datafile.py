"""Rule files: TOML checked against a model, with errors that name the file and the field."""

import tomllib
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from gridhall.kit.checked import what_is_allowed

Model = TypeVar("Model", bound="RuleModel")

_MOST_BYTES: Final = 2**20
_MOST_IN_A_LINE: Final = 4_000


class RuleModel(BaseModel):
    """A table of a rule file: every field is of the type it says, and there are no others."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def read_rule_file(file: Traversable | Path, model: type[Model]) -> Model:
    """Read a TOML file as `model`. Raises RuleFileError that names the file, the field and what is allowed."""
    return checked(read_tables(file), model, file=file.name)


def read_tables(file: Traversable | Path) -> dict[str, Any]:
    """Read a TOML file. Raises RuleFileError."""
    text = read_text(file)
    if max(map(len, text.splitlines()), default=0) > _MOST_IN_A_LINE:
        # The parser takes minutes for a name of ten thousand parts.
        raise RuleFileError(file.name, "", f"must have at most {_MOST_IN_A_LINE} characters in a line")
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise RuleFileError(file.name, "", f"is no TOML: {error}") from None
    except RecursionError:
        raise RuleFileError(file.name, "", "is nested too deeply") from None


def read_text(file: Traversable | Path) -> str:
    """Read a file of text, however large a file it is given. Raises RuleFileError."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            raise RuleFileError(file.name, "", f"must have at most {_MOST_BYTES} bytes")
        text = raw.decode()
    except OSError as error:
        raise RuleFileError(file.name, "", f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RuleFileError(file.name, "", "must be text in UTF-8") from None
    return text


def checked(tables: Mapping[str, Any], model: type[Model], *, file: str, under: tuple[str, ...] = ()) -> Model:
    """Return tables of a file, those `under` some names, as `model`. Raises RuleFileError that names the field."""
    try:
        return model.model_validate(tables)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, (*under, *first["loc"])))
        raise RuleFileError(file, field, what_is_allowed(first)) from None


class RuleFileError(ValueError):
    """A rule file that cannot be used: which one, which field, and why."""

    def __init__(self, file: str, field: str, why: str) -> None:
        super().__init__(": ".join(part for part in (file, field, why) if part))
