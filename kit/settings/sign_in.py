"""Tokens, passwords and one-time codes: of customers and of agents."""

from pydantic import BaseModel, Field, SecretStr


class SignInSettings(BaseModel):
    """A part of `Settings`, which reads the variables."""

    token_key: SecretStr | None = Field(
        default=None, description="32 bytes in base64 that sign access tokens; made at first start in development."
    )
    token_issuer: str = Field(default="gridhall", description="`iss` of access tokens.")
    token_audience: str = Field(default="gridhall-clients", description="`aud` of access tokens.")
    access_token_minutes: int = Field(default=15, ge=1, le=60, description="Life of an access token.")
    refresh_token_days: int = Field(
        default=30, ge=1, le=180, description="Life of a refresh token family's last token."
    )

    desk_audience: str = Field(default="gridhall-desk", description="`aud` of agents' access tokens.")
    desk_refresh_hours: int = Field(default=12, ge=1, le=72, description="Life of an agent's last refresh token.")
    agent_tries: int = Field(default=5, ge=1, le=20, description="Wrong passwords that lock an agent's name.")
    agent_lock_minutes: int = Field(default=15, ge=1, le=1440, description="How long a locked name stays locked.")
    password_memory_kib: int = Field(
        default=64 * 1024, ge=8, description="Memory of one password hash (Argon2id); RFC 9106 advises 64 MiB."
    )
    password_passes: int = Field(default=3, ge=1, description="Passes of one password hash; RFC 9106 advises 3.")

    code_minutes: int = Field(default=5, ge=1, le=30, description="Life of a one-time code.")
    code_attempts: int = Field(default=5, ge=1, le=10, description="Wrong tries before a one-time code is void.")
    codes_a_minute: int = Field(default=1, ge=1, description="One-time codes a phone number may ask for in a minute.")
    codes_an_hour: int = Field(default=5, ge=1, description="One-time codes a phone number may ask for in an hour.")
    codes_a_day: int = Field(default=10, ge=1, description="One-time codes a phone number may ask for in a day.")
