"""The address of the API, what it lets in, and who may read the metrics."""

from pydantic import BaseModel, Field, SecretStr


class FrontDoorSettings(BaseModel):
    """A part of `Settings`, which reads the variables."""

    api_host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    api_port: int = Field(
        default=8000, ge=1, le=65535, description="Port of the API; the demo takes the next free one."
    )
    public_url: str = Field(default="http://127.0.0.1:8000", description="How clients reach the API.")
    e_bill_pay_url: str = Field(
        default="{public_url}/pay?bill={bill_id}",
        description="Where the link and QR code of an e-bill lead: a page, or an address that opens the mini-program; "
        "{public_url} and {bill_id} are filled in; empty for none.",
    )
    photo_max_bytes: int = Field(
        default=5 * 2**20, ge=1024, le=15 * 2**20, description="Largest photo; one document holds it."
    )
    photos_loose_of_customer: int = Field(
        default=20, ge=1, description="Photos of a customer that are attached to nothing, at most."
    )
    photos_loose_of_agent: int = Field(
        default=500, ge=1, description="Photos of an agent or reader that are attached to nothing, at most."
    )
    request_max_bytes: int = Field(default=2**18, ge=1024, description="Largest request, the feed excepted.")
    worker_metrics_port: int | None = Field(
        default=None,
        ge=1024,
        le=65000,
        description="First port of a worker's metrics; its next process takes the next.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="Bearer token of /metrics; without one it is open in development and closed in production.",
    )
