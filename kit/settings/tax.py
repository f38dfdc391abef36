"""The platform that issues digital invoices."""

from pydantic import BaseModel, Field, SecretStr


class TaxSettings(BaseModel):
    """A part of `Settings`, which reads the variables."""

    tax_url: str = Field(
        default="http://127.0.0.1:2580/tax", description="Base URL of the platform that issues digital invoices."
    )
    tax_client: str = Field(default="gridhall", description="Our client at the tax platform.")
    tax_key: SecretStr | None = Field(
        default=None, description="Key by which calls to the tax platform are signed; the stand-in's in development."
    )
    tax_seller: str = Field(default="格里供电有限公司", description="Who issues invoices: the supplier's name.")
    tax_seller_number: str = Field(default="91330000MA27U00X0A", description="The supplier's tax number.")
