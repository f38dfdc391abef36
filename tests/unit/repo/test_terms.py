"""One thing has one name wherever somebody meets it."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError, field_validator

from gridhall.kit.checked import what_is_allowed


def test_a_supervisor_is_called_by_the_word_of_the_glossary(root: Path, rooms: frozenset[str]) -> None:
    said = [path for room in sorted(rooms) for path in (root / room).rglob("*.po")]
    assert said
    assert [path.name for path in said if "主管" in path.read_text()] == []


def test_every_command_names_the_region_as_it_is_typed(root: Path, rooms: frozenset[str]) -> None:
    commands = [path for room in sorted(rooms) for path in (root / room).rglob("*cli.py")]
    assert commands
    assert [str(path) for path in commands if 'refuse(f"region:' in path.read_text()] == []


def test_what_a_field_must_be_is_told_without_the_words_of_the_checker() -> None:
    class Told(BaseModel):
        days: int

        @field_validator("days")
        @classmethod
        def _checked(cls, days: int) -> int:
            if days < 0:
                raise ValueError("must not be negative")
            return days

    with pytest.raises(ValidationError) as caught:
        Told(days=-1)
    assert what_is_allowed(caught.value.errors()[0]) == "must not be negative"
