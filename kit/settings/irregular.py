"""The look for irregular use and its cases."""

from pydantic import BaseModel, Field


class IrregularSettings(BaseModel):
    """A part of `Settings`, which reads the variables."""

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
