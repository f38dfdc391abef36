"""Reads by people, and the checks of what is read."""

from pathlib import Path

from pydantic import BaseModel, Field


class ReadingSettings(BaseModel):
    """A part of `Settings`, which reads the variables."""

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
