"""The WeChat mini-program."""

from pathlib import Path

from pydantic import BaseModel, Field, SecretStr


class WeChatSettings(BaseModel):
    """A part of `Settings`, which reads the variables."""

    wechat_url: str = Field(
        default="http://127.0.0.1:2580/wechat", description="Base URL of WeChat's server API (api.weixin.qq.com)."
    )
    wechat_appid: str = Field(default="wxdemo0000000000", description="AppID of the WeChat mini-program.")
    wechat_secret: SecretStr = Field(
        default=SecretStr("demo-wechat-secret"), description="AppSecret of the WeChat mini-program."
    )
    wechat_push_token: SecretStr = Field(
        default=SecretStr("demo-wechat-push"), description="Token that signs what WeChat pushes to us."
    )
    wechat_templates: Path | None = Field(
        default=None, description="TOML file of the subscribe-message templates; the demo's where absent."
    )
    wechat_ticket_minutes: int = Field(
        default=10, ge=1, le=60, description="How long a WeChat user may take to show a phone number."
    )
