"""The billing room opened for a command, on the database that the settings name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gridhall.billing.services import Billing
from gridhall.billing.tariffs.imports.operations import refresh
from gridhall.kit.keys import field_codec
from gridhall.kit.runtime import open_mongo
from gridhall.kit.settings import settings


@asynccontextmanager
async def open_billing() -> AsyncIterator[Billing]:
    """Open the room, which knows the imported tariffs, and close it again."""
    chosen = settings()
    async with open_mongo(chosen) as mongo:
        billing = Billing.open(mongo=mongo, codec=field_codec(chosen), settings=chosen)
        await refresh(versions=billing.tariff_versions)
        yield billing
