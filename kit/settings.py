"""Settings of the whole service: one typed field each, read from `GRIDHALL_*` variables."""

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import DirectoryPath, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_LEAST_RETENTION = 3
"""Months of detail that no setting goes below: this one, the last, and the one whose bill may still be held."""


class Settings(BaseSettings):
    """Everything that a deployment may choose. Secrets may also be files in `/run/secrets`."""

    model_config = SettingsConfigDict(
        env_prefix="GRIDHALL_",
        secrets_dir="/run/secrets" if Path("/run/secrets").is_dir() else None,
        frozen=True,
        hide_input_in_errors=True,  # secrets are among them
    )

    environment: Literal["development", "production"] = Field(
        default="development", description="Development shows GraphiQL and makes missing keys by itself."
    )
    data_dir: Path = Field(default=Path(".gridhall"), description="Folder of the embedded servers and made keys.")
    time_zone: str = Field(default="Asia/Shanghai", description="Zone of local days where a point names none.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level logged.")

    mongo_uri: str | None = Field(default=None, description="MongoDB replica set; the embedded one where absent.")
    mongo_database: str = Field(default="gridhall", description="Name of the database.")
    mongo_driver: Literal["pymongo", "motor"] = Field(
        default="pymongo", description="Async driver on the request path; ADR 0002 says why PyMongo."
    )
    redis_uri: str | None = Field(default=None, description="Redis or Valkey; the embedded one where absent.")

    field_key: SecretStr | None = Field(
        default=None, description="32 bytes in base64 that encrypt personal fields; made at first start in development."
    )

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

    feed_max_bytes: int = Field(default=64 * 2**20, ge=1024, description="Largest feed batch, after unpacking.")
    feed_max_line_bytes: int = Field(default=64 * 2**10, ge=256, description="Longest line of a feed batch.")
    feed_clock_skew_minutes: int = Field(default=15, ge=0, description="How far in the future a reading may end.")
    feed_max_kw: int = Field(default=100, ge=1, description="Average power above which a reading is implausible.")
    feed_shown_refusals: int = Field(default=20, ge=0, description="Refused rows that an intake answer shows.")
    feed_max_rows: int = Field(default=1_000_000, ge=1, description="Most rows of a feed batch.")
    feed_batches_at_once: int = Field(default=16, ge=1, description="Feed batches that a process takes at once.")
    feed_wait_seconds: float = Field(
        default=300, gt=0, description="How long the bytes of a feed batch are waited for altogether."
    )
    feed_requests_a_minute: int = Field(
        default=600, ge=0, description="Requests of a feed client a minute, over all processes; 0 for no limit."
    )
    feed_readings_a_minute: int = Field(
        default=0, ge=0, description="Readings of a feed client a minute, over all processes; 0 for no limit."
    )
    feed_key_days: int = Field(
        default=7, ge=1, le=366, description="Days for which a batch is remembered by its Idempotency-Key."
    )

    usage_max_interval_days: int = Field(
        default=92, ge=1, le=400, description="Longest answer of intervals, in days; what is longer is exported."
    )
    usage_max_days: int = Field(default=1100, ge=31, le=4000, description="Longest answer of days.")
    usage_max_years: int = Field(default=20, ge=1, le=50, description="Longest answer of months or years, in years.")
    export_max_days: int = Field(default=1100, ge=31, le=4000, description="Longest file of intervals or days.")
    export_excel_at_once: int = Field(default=4, ge=1, description="Excel files that a process writes at once.")
    export_link_minutes: int = Field(default=10, ge=1, le=60, description="Life of a signed link to a file of usage.")

    retention_months: dict[str, int] = Field(
        default={},
        description="Full months of interval detail kept, by class of the point, for example "
        '{"residential": 36}; a class that is not named keeps all. Totals are always kept.',
    )
    retention_findings_months: int = Field(
        default=36,
        ge=0,
        description="Full months for which outcomes of checks and settled exceptions are kept of classes whose detail "
        "goes; never shorter than the detail.",
    )
    retention_mode: Literal["archive", "expire"] = Field(
        default="archive", description="Detail past its time is written to files first, or only deleted."
    )
    retention_needs_closing: bool = Field(
        default=True, description="Detail stays until a bill stands on its days; false where bills are made elsewhere."
    )
    archive_dir: Path = Field(default=Path(".gridhall/archive"), description="Folder of archived interval detail.")

    feed_stream: str = Field(default="feed:readings", min_length=1, description="Redis Stream of the feed.")
    feed_stream_group: str = Field(default="intake", min_length=1, description="Consumer group that stores it.")
    feed_stream_entry_bytes: int = Field(
        default=2**20, ge=1024, le=8 * 2**20, description="Largest entry of the stream, after unpacking."
    )
    feed_stream_batch_bytes: int = Field(
        default=4 * 2**20, ge=1024, description="Rows of the stream, unpacked, that are checked and stored together."
    )
    feed_stream_backlog_bytes: int = Field(
        default=24 * 2**20, ge=1024, description="The same at most, by and by, while a consumer is behind."
    )
    feed_stream_longest: int = Field(
        default=20_000, ge=1, description="Entries in the stream beyond which `gridhall feed publish` waits."
    )
    feed_stream_claim_seconds: float = Field(
        default=60, gt=0, description="Idle time after which the entries of a dead consumer are taken over."
    )
    feed_stream_tries: int = Field(
        default=5, ge=1, description="Deliveries after which an entry is tried alone; after twice as many, given up."
    )
    feed_stream_port: int | None = Field(
        default=None, ge=1024, le=65535, description="Port of a consumer's health and metrics on the loopback."
    )

    calendars: DirectoryPath | None = Field(
        default=None, description="Folder of time-of-use calendars of one's own, a TOML file each; read once a process."
    )
    tariff_refresh_seconds: int = Field(
        default=10, ge=1, le=600, description="How soon a process knows a tariff that another one imported."
    )
    reading_tolerance_days: int = Field(
        default=3, ge=0, le=10, description="How far from the reading day a person's read still stands for it."
    )
    reading_high_ratio: float = Field(
        default=2.0, gt=1, description="A use beyond this multiple of the highest in the past is doubted on the spot."
    )
    reading_floor_kwh: int = Field(default=50, ge=0, description="Differences below this many kWh are never doubted.")
    reading_far_m: int = Field(default=300, ge=10, description="How far from the meter's place a reader may stand.")
    reading_show_last: bool = Field(default=False, description="Readers see what a meter showed last.")
    reading_silent_days: int = Field(
        default=3, ge=1, le=31, description="Days without a register read after which somebody goes to a smart meter."
    )
    reading_usual_day: int = Field(
        default=1, ge=1, le=28, description="Reading day of points on no route: reads of silent meters stand for it."
    )
    reading_close_days: int = Field(default=7, ge=0, description="Days after its own on which a worklist is closed.")

    vee_thresholds: Path | None = Field(
        default=None, description="TOML file that changes thresholds of the checks of readings; the shipped ones else."
    )
    vee_grace_days: int = Field(
        default=1, ge=0, le=14, description="Days for which the readings of a whole day may be on their way."
    )
    vee_days: int = Field(default=10, ge=1, le=62, description="Days back that the nightly checks look at.")

    review_thresholds: dict[str, dict[str, float]] = Field(
        default={},
        description="Where the review of bills draws its lines, by class of supply, for example "
        '{"residential": {"jump_ratio": 2.5}}: jump_ratio, jump_floor, year_ratio, year_floor (kWh), sum_tolerance '
        "(kWh). The shipped ones for what is not named.",
    )

    provisional_after_days: int = Field(
        default=10,
        ge=0,
        le=92,
        description="Days for which a month waits for its read before it is billed provisionally, in regions that do.",
    )

    shadow_tolerances: dict[str, Decimal] = Field(
        default={},
        description="How far a supplier's bill and ours may be apart and still agree: shown (kWh of what a register "
        'shows), kwh, price (yuan/kWh), line_fen, total_fen; for example {"line_fen": 2}. The shipped ones for what is '
        "not named.",
    )

    approval_limits: dict[str, int] = Field(
        default={},
        description="Fen below which one person is enough, by what is asked for: release, rebill, refund, waiver, "
        "write_off, plan, cash_reversal, disconnect, switch_mode; "
        'for example {"refund": 20000}. The shipped ones for what is not named.',
    )
    approval_day_limits: dict[str, int] = Field(
        default={},
        description="Fen that one person may so prepare of a kind within 24 hours, over all accounts; what goes beyond "
        'needs a second one. For example {"refund": 100000}. The shipped ones for what is not named.',
    )

    irregular_window_days: int = Field(
        default=84, ge=35, le=366, description="Days of a curve that the nightly look for irregular use goes back."
    )
    irregular_score_residential: float = Field(
        default=0.7, gt=0, le=1, description="Least score at which a home is suspected of irregular use."
    )
    irregular_score_commercial: float = Field(
        default=0.8, gt=0, le=1, description="Least score at which a shop or works is suspected of irregular use."
    )
    irregular_least_added: float = Field(
        default=0.5, ge=0, description="A signal that adds less to the score is not named as evidence."
    )
    irregular_quiet_days: int = Field(
        default=180, ge=0, description="How long the signals of a dismissed case are not believed at its point."
    )
    irregular_due_days: int = Field(default=14, ge=1, description="Days within which a new case is to be looked into.")
    irregular_second_person: bool = Field(
        default=True, description="Whoever inspected on site cannot also confirm the case."
    )

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

    pay_least_fen: int = Field(default=100, ge=1, description="Least part payment or top-up, in fen.")
    pay_order_ends_penalty: bool = Field(
        default=True,
        description="An online order that is paid before it expires counts for penalties on the day it was placed.",
    )
    payable_lookups_a_minute: int = Field(
        default=3, ge=1, description="Accounts that a customer may look up by number in a minute, to pay for others."
    )
    payable_lookups_an_hour: int = Field(default=10, ge=1, description="The same in an hour.")
    payable_lookups_a_day: int = Field(default=20, ge=1, description="The same in a day.")
    payable_lookups_in_all_an_hour: int = Field(
        default=3_000, ge=1, description="Accounts that all customers together may look up by number in an hour."
    )
    books_region: str = Field(
        default="zhejiang", description="Region whose accountants look into money of which no region is known."
    )
    pay_most_fen: int = Field(default=5_000_000, ge=100, description="Most that one account is paid ahead, in fen.")
    pay_outage_minutes: int = Field(
        default=5,
        ge=1,
        le=60,
        description="Minutes in a row in which no online provider answers that are an outage; less is a hiccup, after "
        "which a second try goes through.",
    )
    pay_asked_at_once: int = Field(
        default=10, ge=1, le=100, description="Started payments about which a worker asks providers at once."
    )
    pay_providers: tuple[Literal["wechatpay", "alipay"], ...] = Field(
        default=("wechatpay", "alipay"), description="Online providers that customers are offered, as a JSON list."
    )
    wechatpay_url: str = Field(
        default="http://127.0.0.1:2580", description="Base URL of WeChat Pay's API v3 (https://api.mch.weixin.qq.com)."
    )
    wechatpay_mchid: str = Field(default="1900000001", description="Merchant number (商户号) at WeChat Pay.")
    wechatpay_serial: str = Field(
        default="44454D4F2D4D45524348414E542D43455254",
        description="Serial of our merchant certificate, in hexadecimal.",
    )
    wechatpay_key: SecretStr | None = Field(
        default=None, description="Private key of the merchant certificate, in PEM; made at first start in development."
    )
    wechatpay_v3_key: SecretStr | None = Field(
        default=None, description="The 32 characters of the API v3 key; made at first start in development."
    )
    wechatpay_public_key: str | None = Field(
        default=None, description="WeChat Pay's public key in PEM, for a merchant in public-key mode."
    )
    wechatpay_public_key_id: str | None = Field(default=None, description="Its id (PUB_KEY_ID_...).")
    wechatpay_certificates: bool = Field(
        default=True,
        description="Platform certificates are fetched and believed; with a public key as well, both are (a switch).",
    )
    alipay_url: str = Field(
        default="http://127.0.0.1:2580/gateway.do",
        description="Alipay's gateway (https://openapi.alipay.com/gateway.do).",
    )
    alipay_app_id: str = Field(default="2021000000000001", description="Our application at Alipay.")
    alipay_seller_id: str = Field(default="2088000000000001", description="The Alipay account (PID) that is paid.")
    alipay_key: SecretStr | None = Field(
        default=None, description="Private key (RSA2) of our application, in PEM; made at first start in development."
    )
    alipay_public_key: str | None = Field(
        default=None, description="Alipay's public key for our application, in PEM; the stand-in's in development."
    )
    alipay_return_url: str | None = Field(
        default=None, description="Where Alipay sends the customer's browser after a payment; nowhere where absent."
    )

    tax_url: str = Field(
        default="http://127.0.0.1:2580/tax", description="Base URL of the platform that issues digital invoices."
    )
    tax_client: str = Field(default="gridhall", description="Our client at the tax platform.")
    tax_key: SecretStr | None = Field(
        default=None, description="Key by which calls to the tax platform are signed; the stand-in's in development."
    )
    tax_seller: str = Field(default="格里供电有限公司", description="Who issues invoices: the supplier's name.")
    tax_seller_number: str = Field(default="91330000MA27U00X0A", description="The supplier's tax number.")

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

    graphql_max_depth: int = Field(default=14, ge=5, description="Deepest query that is answered.")
    graphql_max_aliases: int = Field(default=30, ge=1, description="Most aliases in one document.")
    graphql_max_tokens: int = Field(default=2000, ge=100, description="Longest document, in tokens.")

    @field_validator("retention_months")
    @classmethod
    def _months_are_kept_long_enough(cls, months: dict[str, int]) -> dict[str, int]:
        """Refuse a retention so short that a bill's own curve would be gone before it may be disputed."""
        if any(kept < _LEAST_RETENTION for kept in months.values()):
            raise ValueError(f"every class must keep {_LEAST_RETENTION} months at least")
        return months

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
