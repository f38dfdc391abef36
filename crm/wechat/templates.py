"""The subscribe-message templates of the mini-program: data, from a file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Template:
    """A template that WeChat approved.

    id: WeChat's. long_term: one consent is good until it is taken back, else for one message.
    page: what a tap opens. fields: each keyword of the template with what fills it,
    a param of the notification or its `title`.
    """

    id: str
    long_term: bool
    page: str
    fields: Mapping[str, str]


Templates = Mapping[str, Template]
"""Templates by the kind of notification that each carries."""

_TEMPLATES = TypeAdapter(dict[str, Template])


def read_templates(path: Path | None) -> Templates:
    """Return the templates of a file, the demo's where there is none. Raises ValidationError that names the field."""
    text = (path or resources.files("gridhall.crm.wechat") / "templates.toml").read_text(encoding="utf-8")
    return MappingProxyType(_TEMPLATES.validate_python(tomllib.loads(text)))
