"""The regions that are served, and the terms of each."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal


@dataclass(frozen=True, slots=True)
class Region:
    """A region: its titles by language, the number to call, and how many days a customer has to pay after issue.

    billing: who is the system of record of bills: `issue`, we calculate and issue them; `shadow`, the supplier's
    billing system does, and we recompute what it sends.
    provisional: whether a month without a real read may be billed provisionally.
    """

    code: str
    title: Mapping[str, str]
    supplier: Mapping[str, str]
    hotline: str
    due_days: int
    provisional: bool = False
    billing: Literal["issue", "shadow"] = "issue"


@lru_cache(maxsize=1)
def regions() -> Mapping[str, Region]:
    """Return every region by its code."""
    rows = tomllib.loads(resources.files("gridhall.billing").joinpath("regions.toml").read_text())
    return {code: Region(code=code, **row) for code, row in rows.items()}


def region(code: str) -> Region:
    """Return one region. Raises UnknownRegionError that lists what there is."""
    try:
        return regions()[code]
    except KeyError:
        raise UnknownRegionError(code) from None


class UnknownRegionError(LookupError):
    """A region that is not served."""

    def __init__(self, code: str) -> None:
        super().__init__(f"region: {code!r} is not served; there are {', '.join(sorted(regions()))}")
