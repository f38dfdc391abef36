"""How long interval detail is kept, by whom a point supplies. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gridhall.kit.localdays import Month
from gridhall.kit.settings import Settings

Mode = Literal["archive", "expire"]


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """months: full months before the running one whose detail is kept, by supply class; a class not named keeps all.

    findings_months: full months for which what the checks found is kept; never shorter than the detail itself.
    mode: `archive` writes detail to files before it is deleted, `expire` only deletes it.
    """

    months: Mapping[str, int]
    mode: Mode
    findings_months: int = 0

    @classmethod
    def of(cls, settings: Settings) -> "RetentionPolicy":
        """Return the policy of a deployment."""
        return cls(
            months=settings.retention_months,
            mode=settings.retention_mode,
            findings_months=settings.retention_findings_months,
        )

    def kept_from(self, supply_class: str, *, today: date) -> date | None:
        """Return the first day whose detail is still kept, None where all is."""
        kept = self.months.get(supply_class)
        return None if kept is None else Month.of(today).shift(-kept).first

    def findings_from(self, supply_class: str, *, today: date) -> Month | None:
        """Return the first month of which findings are still kept, None where all are."""
        kept = self.months.get(supply_class)
        return None if kept is None else Month.of(today).shift(-max(kept, self.findings_months))
