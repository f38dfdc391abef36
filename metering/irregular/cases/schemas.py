"""Cases as they were kept before."""

from typing import Final

from gridhall.kit.migrations import Besides, renamed
from gridhall.kit.mongo import Document
from gridhall.kit.units import units_above

_NAMES: Final = {
    "point_id": "point",
    "org_path": "orgPath",
    "under_way": "underWay",
    "opened_at": "openedAt",
    "changed_at": "changedAt",
    "due_on": "dueOn",
    "quiet_until": "quietUntil",
}
_NAMES_OF_EVIDENCE: Final = {"first_seen": "firstSeen", "last_seen": "lastSeen"}


def second(first: Document, _besides: Besides | None = None) -> Document:
    """Return the document of schema 2 of one of schema 1, whose fields had other names and which knew no units."""
    return {
        **renamed(first, _NAMES),
        "schema": 2,
        "units": units_above(first["org_path"]),
        "evidence": [renamed(one, _NAMES_OF_EVIDENCE) for one in first["evidence"]],
    }
