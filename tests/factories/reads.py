"""Register reads as the feed would have stored them."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from gridhall.kit.localdays import day_start
from gridhall.kit.quantity import to_scaled
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.registers.model import RegisterRead

SCALE = 2
ZONE = "Asia/Shanghai"


def a_read(point_id: UUID, day: date, values: Mapping[str, str] | str, **changes: Any) -> RegisterRead:  # noqa: ANN401 - any field
    """What meter M1 showed as `day` began; one text is the register `total`."""
    shown = {"total": values} if isinstance(values, str) else values
    fields: dict[str, Any] = {
        "point_id": point_id,
        "channel": IMPORT_KWH,
        "meter": "M1",
        "day": day,
        "at": day_start(day, ZONE),
        "values": {name: to_scaled(text, scale=SCALE) for name, text in shown.items()},
        "scale": SCALE,
        "quality": 0,
    }
    return RegisterRead(**{**fields, **changes})


def by_place(*reads: RegisterRead) -> dict[tuple[UUID, date], RegisterRead]:
    """Reads as `draft` takes them."""
    return {(read.point_id, read.day): read for read in reads}
