"""How much of usage is answered, and how long its detail is kept."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, field_validator

_LEAST_RETENTION = 3
"""Months of detail that no setting goes below: this one, the last, and the one whose bill may still be held."""


class UsageSettings(BaseModel):
    """A part of `Settings`, which reads the variables."""

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

    @field_validator("retention_months")
    @classmethod
    def _months_are_kept_long_enough(cls, months: dict[str, int]) -> dict[str, int]:
        """Refuse a retention so short that a bill's own curve would be gone before it may be disputed."""
        if any(kept < _LEAST_RETENTION for kept in months.values()):
            raise ValueError(f"every class must keep {_LEAST_RETENTION} months at least")
        return months
