"""The tax platform of a deployment, opened from its settings."""

import secrets

import httpx

from gridhall.billing.invoices.platform import HttpTaxPlatform, Seller
from gridhall.billing.invoices.port import TaxPlatform
from gridhall.kit.clock import Clock
from gridhall.kit.keys import MissingKeyError
from gridhall.kit.secret import kept
from gridhall.kit.settings import Settings


def open_tax_platform(settings: Settings, *, http: httpx.AsyncClient, clock: Clock) -> TaxPlatform:
    """Open the platform. Raises MissingKeyError, which names the setting."""
    seller = Seller(settings.tax_client, settings.tax_seller, settings.tax_seller_number)
    return HttpTaxPlatform(http=http, url=settings.tax_url, seller=seller, key=_key(settings), clock=clock)


def _key(settings: Settings) -> bytes:
    if settings.tax_key is not None:
        return settings.tax_key.get_secret_value().encode()
    if settings.environment == "production":
        raise MissingKeyError("GRIDHALL_TAX_KEY must be set in production")
    # In development the stand-in finds it in the same folder.
    return kept(settings.data_dir / "keys", "tax.key", make=lambda: secrets.token_hex(32).encode())
