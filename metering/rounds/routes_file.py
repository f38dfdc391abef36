"""Routes from a CSV file: a row a point, in walking order, with the fields of its route beside it."""

import csv
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from gridhall.metering.rounds.model import Cycle, Route

COLUMNS: Final = ("region", "code", "name", "org_path", "day", "cycle", "point")


def read_routes(lines: Iterable[str]) -> list[Route]:
    """Return the routes of a file in the order in which they begin. The optional column `reader` is an agent's id.

    Raises BadRoutesFileError that names the line and the field, and BadRouteError for a route that cannot be kept.
    """
    rows = csv.DictReader(lines)
    if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
        raise BadRoutesFileError(1, f"column {missing[0]} is missing; there must be {', '.join(COLUMNS)}")
    heads: dict[tuple[str, str], dict[str, str]] = {}
    points: dict[tuple[str, str], list[UUID]] = {}
    for row in rows:
        fields = {name: (row.get(name) or "").strip() for name in (*COLUMNS, "reader")}
        key = (fields["region"], fields["code"])
        head = heads.setdefault(key, fields)
        if differs := [name for name in fields if name != "point" and fields[name] != head[name]]:
            raise BadRoutesFileError(rows.line_num, f"{differs[0]} differs from the route's first row")
        points.setdefault(key, []).append(_id(fields["point"], "point", rows.line_num))
        _checked(fields, rows.line_num)
    return [_route(head, tuple(points[key])) for key, head in heads.items()]


def _checked(fields: dict[str, str], line: int) -> None:
    if not fields["region"]:
        raise BadRoutesFileError(line, "region must not be empty")
    if not fields["day"].isdecimal():
        raise BadRoutesFileError(line, "day must be a number of 1 to 28")
    if fields["cycle"] not in set(Cycle):
        raise BadRoutesFileError(line, f"cycle must be one of {', '.join(Cycle)}")
    if fields["reader"]:
        _id(fields["reader"], "reader", line)


def _route(head: dict[str, str], points: tuple[UUID, ...]) -> Route:
    return Route(
        code=head["code"],
        name=head["name"],
        region=head["region"],
        org_path=head["org_path"],
        points=points,
        day=int(head["day"]),
        cycle=Cycle(head["cycle"]),
        reader=UUID(head["reader"]) if head["reader"] else None,
    )


def _id(text: str, name: str, line: int) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadRoutesFileError(line, f"{name} must be an id like 01890a5d-ac96-774b-bcce-b302099a8057") from None


class BadRoutesFileError(ValueError):
    """A file of routes that cannot be read: which line, which field, and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
