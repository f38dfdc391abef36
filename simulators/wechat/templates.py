"""Approved templates, and the rule of each kind of field, written apart from the client that keeps to them."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

_RULES: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "thing": re.compile(r".{1,20}", re.DOTALL),
        "name": re.compile(r".{1,10}|[\x20-\x7e]{1,20}"),
        "phrase": re.compile(r".{1,5}"),
        "character_string": re.compile(r"[\x20-\x7e]{1,32}"),
        "number": re.compile(r"-?\d{1,32}(\.\d+)?", re.ASCII),
        "amount": re.compile(r"[¥￥$]?-?\d{1,10}(\.\d+)?元?", re.ASCII),
        "date": re.compile(r"\d{4}年\d{1,2}月\d{1,2}日( \d{1,2}:\d\d)?|\d{4}-\d\d-\d\d( \d{1,2}:\d\d)?", re.ASCII),
        "time": re.compile(r"(\d{4}年\d{1,2}月\d{1,2}日 )?\d{1,2}:\d\d", re.ASCII),
    }
)


@dataclass(frozen=True, slots=True)
class Template:
    """A template: what stands above a message, and the label of each keyword."""

    id: str
    title: str
    long_term: bool
    keywords: Mapping[str, str]

    def broken(self, data: object) -> str | None:
        """Return the first keyword whose value is missing or breaks its rule; None where all are good."""
        given = data if isinstance(data, dict) else {}
        for keyword in self.keywords:
            entry = given.get(keyword)
            value = entry.get("value") if isinstance(entry, dict) else None
            rule = _RULES[keyword.rstrip("0123456789")]
            if not isinstance(value, str) or not rule.fullmatch(value):
                return keyword
        return None


def approved_templates() -> dict[str, Template]:
    """Return the templates that the stand-in knows, by their id."""
    with (Path(__file__).parent / "templates.toml").open("rb") as file:
        return {name: Template(id=name, **described) for name, described in tomllib.load(file).items()}
