"""Documents of billing as they were kept before they said in which unit of the organisation they lie."""

from gridhall.kit.migrations import Besides
from gridhall.kit.mongo import Document
from gridhall.kit.units import units_above

BY_ACCOUNT = {"accounts": "account_id"}
"""Which account tells where a document lies."""


def path_of(besides: Besides) -> str:
    """Return where the account of a document lies; '' where there is no such account."""
    account = besides["accounts"]
    return account["org_path"] if account else ""


def second_wait(first: Document, besides: Besides) -> Document:
    """Return the document of schema 2 of an account that waits, of schema 1: found by region and unit."""
    account = besides["accounts"]
    return {**first, "region": account["region"] if account else "", "units": units_above(path_of(besides))}


def second_correction(first: Document, besides: Besides) -> Document:
    """Return the document of schema 2 of a correction of schema 1."""
    path = path_of(besides)
    return {**first, "org_path": path, "units": units_above(path)}
