"""Customers with personal data that is easy to find again."""

from typing import Any

from gridhall.crm.customers.model import Customer
from gridhall.crm.customers.repository import new_customer_id


def a_customer(number: int = 1, **changes: Any) -> Customer:  # noqa: ANN401 - any field
    """Customer `number`, who reads Chinese and has a mail address."""
    fields: dict[str, Any] = {
        "id": new_customer_id(),
        "phone": f"138{number:08d}",
        "name": "王小明",
        "mail": f"wang{number}@customer.example",
    }
    return Customer(**{**fields, **changes})
