"""Mail and messages to phones."""

from pydantic import BaseModel, Field, SecretStr


class NoticesSettings(BaseModel):
    """A part of `Settings`, which reads the variables."""

    quiet_hours: str = Field(
        default="21:00-08:00", description="Local hours in which only what is urgent rings a phone; empty for none."
    )
    mail_host: str = Field(default="127.0.0.1", description="SMTP server.")
    mail_port: int = Field(default=2525, ge=1, le=65535, description="SMTP port.")
    mail_sender: str = Field(default="gridhall <e-bill@gridhall.example>", description="From of every mail.")
    mail_timeout_seconds: float = Field(default=10, gt=0, description="Limit of one SMTP conversation.")
    sms_url: str = Field(default="http://127.0.0.1:2580/sms", description="Base URL of the SMS gateway.")
    sms_access_key_id: str = Field(default="demo-key", description="Access key id of the SMS gateway.")
    sms_access_key_secret: SecretStr = Field(
        default=SecretStr("demo-secret"), description="Access key secret of the SMS gateway."
    )
    sms_sign_name: str = Field(default="格里供电", description="Signature (签名) that the carriers approved.")
    outside_timeout_seconds: float = Field(default=5, gt=0, description="Limit of one call to an outside service.")
