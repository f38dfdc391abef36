"""Accounts as the system of record would hand them over."""

from datetime import date
from typing import Any
from uuid import UUID

from gridhall.billing.accounts.model import Account, AccountId, PointLink, TariffLink
from gridhall.kit.ids import new_id

KEPT_SINCE = date(2026, 1, 1)
SINGLE = "zhejiang-residential"


def an_account(number: int = 1, *, tariff: str = SINGLE, kept_since: date = KEPT_SINCE, **changes: Any) -> Account:  # noqa: ANN401 - any field
    """Account `number` of Zhejiang, with one service point, on one tariff; `changes` are fields of the account."""
    fields: dict[str, Any] = {
        "id": AccountId(new_id()),
        "number": f"330100{number:07d}",
        "region": "zhejiang",
        "org_path": "grid/city",
        "address": f"浙江省杭州市余杭区良渚街道{number}号",
        "kept_since": kept_since,
        "points": (PointLink(new_id(), kept_since),),
        "tariffs": (TariffLink(tariff, kept_since),),
    }
    return Account(**{**fields, **changes})


def point_of(account: Account) -> UUID:
    """The first service point of an account."""
    return account.points[0].point_id
