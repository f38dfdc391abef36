"""Tariffs, the review of bills, bills of a supplier, and what needs a second person."""

from decimal import Decimal

from pydantic import BaseModel, DirectoryPath, Field


class BillingSettings(BaseModel):
    """A part of `Settings`, which reads the variables."""

    calendars: DirectoryPath | None = Field(
        default=None, description="Folder of time-of-use calendars of one's own, a TOML file each; read once a process."
    )
    tariff_refresh_seconds: int = Field(
        default=10, ge=1, le=600, description="How soon a process knows a tariff that another one imported."
    )

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
