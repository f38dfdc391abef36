"""How a home stands among similar ones."""

from gridhall.kit.localdays import Month
from gridhall.metering.histories.queries import MonthReader, period_totals
from gridhall.metering.load.model import Reason, TooLittle
from gridhall.metering.load.similar.mean_day import mean_day
from gridhall.metering.load.similar.model import LEAST_HOMES, Standing, fifth_of, group_of
from gridhall.metering.load.similar.repository import SimilarRepository
from gridhall.metering.points.model import ServicePoint


async def stand_among(
    *, point: ServicePoint, month: Month, histories: MonthReader, groups: SimilarRepository
) -> Standing | TooLittle:
    """Return a home's place in its group in an ended month, or why it has none."""
    group = group_of(point, month=month)
    if group is None:
        return TooLittle(Reason.NOT_COMPARED)
    totals = await period_totals(point_ids=[point.id], days=month.days, histories=histories)
    if point.id not in totals:
        return TooLittle(Reason.NOTHING_MEASURED, needed=len(month.days))
    own = mean_day(totals[point.id], days=len(month.days))
    if isinstance(own, TooLittle):
        return own
    figures = await groups.figures(group)
    if figures is None:
        # A group that is too small is not written, so that its size cannot be asked for either.
        return TooLittle(Reason.FEW_HOMES, needed=LEAST_HOMES)
    return Standing(figures=figures, own=own, fifth=fifth_of(own, figures))
