"""Settings of the whole service: one typed field each, read from `GRIDHALL_*` variables; one file a topic."""

from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gridhall.kit.settings.billing import BillingSettings
from gridhall.kit.settings.feed import FeedSettings
from gridhall.kit.settings.front_door import FrontDoorSettings
from gridhall.kit.settings.graphql import GraphQLSettings
from gridhall.kit.settings.irregular import IrregularSettings
from gridhall.kit.settings.notices import NoticesSettings
from gridhall.kit.settings.payments import PaymentsSettings
from gridhall.kit.settings.providers import ProvidersSettings
from gridhall.kit.settings.reading import ReadingSettings
from gridhall.kit.settings.servers import ServersSettings
from gridhall.kit.settings.sign_in import SignInSettings
from gridhall.kit.settings.tax import TaxSettings
from gridhall.kit.settings.usage import UsageSettings
from gridhall.kit.settings.wechat import WeChatSettings


class Settings(
    ServersSettings,
    FrontDoorSettings,
    SignInSettings,
    FeedSettings,
    UsageSettings,
    ReadingSettings,
    IrregularSettings,
    BillingSettings,
    NoticesSettings,
    PaymentsSettings,
    ProvidersSettings,
    TaxSettings,
    WeChatSettings,
    GraphQLSettings,
    BaseSettings,
):
    """Everything that a deployment may choose. Secrets may also be files in `/run/secrets`."""

    model_config = SettingsConfigDict(
        env_prefix="GRIDHALL_",
        secrets_dir="/run/secrets" if Path("/run/secrets").is_dir() else None,
        frozen=True,
        hide_input_in_errors=True,  # secrets are among them
    )

    @model_validator(mode="after")
    def _no_known_secrets_in_production(self) -> Self:
        """Refuse to run in production on the secrets of the demo, which everybody can read here."""
        fields = type(self).model_fields
        secret = ("sms_access_key_secret", "wechat_secret", "wechat_push_token")
        known = [name for name in secret if getattr(self, name) == fields[name].default]
        if self.environment == "production" and known:
            names = ", ".join(f"GRIDHALL_{name.upper()}" for name in known)
            raise ValueError(f"{names} must be set in production")
        return self


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
