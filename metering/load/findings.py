"""What is worth a sentence of a load analysis: a key of the catalogue, and the numbers that its words need. Pure."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from gridhall.metering.calendars.hours import clock
from gridhall.metering.load.change import Change
from gridhall.metering.load.model import LoadAnalysis, Peak

ALIKE: Final = Decimal("0.05")
"""A difference within a twentieth is none worth telling."""

_HOUR: Final = 60
_WATTS: Final = 1000
_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence: its key, and its numbers as texts."""

    code: str
    params: tuple[tuple[str, str], ...]


def findings(analysis: LoadAnalysis, change: Change | None) -> tuple[Finding, ...]:
    """Return what to say of a home, the most telling first."""
    said = [_base(analysis), _peak(analysis)]
    if analysis.working and analysis.off and analysis.working.mean_kwh:
        said.append(_compared("load.off", analysis.off.mean_kwh / analysis.working.mean_kwh - 1))
    if change:
        said.append(_compared("load.year_lunar" if change.lunar else "load.year", change.ratio))
    if analysis.largest:
        largest = analysis.largest[0]
        said.append(_finding("load.largest", day=largest.day.isoformat(), kwh=_short(largest.kwh)))
    return tuple(said)


def _base(analysis: LoadAnalysis) -> Finding:
    watts = (analysis.base.kw * _WATTS).quantize(Decimal(1), ROUND_HALF_UP)
    return _finding("load.base", watts=str(watts), share=_per_cent(analysis.base.share))


def _peak(analysis: LoadAnalysis) -> Finding:
    evening = analysis.evening.kw >= analysis.morning.kw
    peak: Peak = analysis.evening if evening else analysis.morning
    return _finding(
        "load.peak_evening" if evening else "load.peak_morning",
        start=clock(peak.minute),
        end=clock(peak.minute + _HOUR),
        kw=str(peak.kw.quantize(_TENTH, ROUND_HALF_UP)),
    )


def _compared(code: str, ratio: Decimal) -> Finding:
    if abs(ratio) <= ALIKE:
        return _finding(f"{code}_alike")
    return _finding(f"{code}_{'more' if ratio > 0 else 'less'}", share=_per_cent(abs(ratio)))


def _per_cent(share: Decimal) -> str:
    return str((share * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _short(kwh: Decimal) -> str:
    return str(kwh.quantize(_TENTH, ROUND_HALF_UP))


def _finding(code: str, **params: str) -> Finding:
    return Finding(code, tuple(params.items()))
