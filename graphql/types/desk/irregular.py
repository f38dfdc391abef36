"""Cases of irregular use as inspectors and supervisors see them. No type of the customer's side leads here."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.crm.agents.policies import may_inspect, units_inspected
from gridhall.graphql.context import Info
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.paging import Places, connection
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.usage import Asked, Channel, Usage, of_intervals, of_totals
from gridhall.kit.localdays import Days
from gridhall.metering.histories.queries import day_series, interval_series
from gridhall.metering.histories.ranges import Resolution
from gridhall.metering.irregular import sentences
from gridhall.metering.irregular.cases import model
from gridhall.metering.irregular.cases.repository import CaseFilter
from gridhall.metering.irregular.model import Evidence

strawberry.enum(model.State, name="IrregularState", description="Where a case of irregular use stands.")
strawberry.enum(model.Closing, name="IrregularClosing", description="What was found of a case of irregular use.")


@strawberry.type(description="A number that a signal rests on; its unit is the one that the sentence says.")
class SignalNumber:
    """A number that a signal rests on."""

    name: str
    value: float


@strawberry.type(description="What one signal found. The parts `added` of all of them make up the score.")
class IrregularSignal:
    """What one signal found."""

    code: str
    title: str
    sentence: str
    added: float = strawberry.field(description="Its part of the score, before the logistic function.")
    numbers: list[SignalNumber]
    since: date | None = strawberry.field(description="First day since which it is so; null for the whole window.")
    first_seen: date
    last_seen: date


@strawberry.type(description="The curve that a case rests on.")
class CurveReference:
    """The curve that a case rests on."""

    point_id: str = strawberry.field(description="The service point.")
    from_day: date
    to_day: date = strawberry.field(description="First day after the window.")

    @strawberry.field(description="The curve itself, by days or, if asked for, by the measured slots.")
    async def energy(self, info: Info, *, slots: bool = False) -> Usage | None:
        """Return the usage of the window; null where the point is not known any more."""
        hall, days = info.context.hall, Days(self.from_day, self.to_day)
        point = await hall.points.load(UUID(self.point_id))
        if point is None:
            return None
        asked = Asked(point=point, channel=Channel.IMPORT_KWH, days=days, held=days)
        if slots:
            found = await interval_series(point=point, days=days, histories=hall.billing.histories)
            return of_intervals(found, asked=asked, info=info)
        totals = await day_series(point=point, days=days, histories=hall.months)
        return of_totals(totals, resolution=Resolution.DAY, asked=asked, info=info)


@strawberry.type(description="A photo from the site; its content is at `/v1/photos/{id}`.")
class CasePhoto:
    """A photo from the site."""

    id: str
    by: str
    at: datetime
    note: str


@strawberry.type(description="A line of a case's history.")
class CaseEntry:
    """A line of a case's history."""

    at: datetime
    by: str = strawberry.field(description="A person's name, or `system`.")
    what: str = strawberry.field(description="opened, evidence, assign, start_inspection, add_photo, confirm, dismiss.")
    note: str


@strawberry.type(description="A suspicion of irregular use that people look into. A suspicion is no finding.")
class IrregularCase(DeskNode):
    """A case of irregular use."""

    id: relay.NodeID[str]
    revision: int = strawberry.field(description="Handed back with a change, so that nobody overwrites what is newer.")
    region: str
    org_path: str
    district: str | None = strawberry.field(description="The transformer district (台区).")
    supply_class: str
    state: model.State
    score: float = strawberry.field(description="0 to 1.")
    signals: list[IrregularSignal] = strawberry.field(description="What adds most first.")
    curve: CurveReference
    owner: str | None
    inspector: str | None
    due_on: date
    opened_at: datetime
    changed_at: datetime
    closing: model.Closing | None
    quiet_until: datetime | None = strawberry.field(
        description="Of a dismissed case: until then its signals are not believed at this point."
    )
    photos: list[CasePhoto]
    history: list[CaseEntry]

    @classmethod
    def of(cls, case: model.Case, info: Info) -> "IrregularCase":
        """Present a case to somebody who may see it."""
        return cls(
            id=str(case.id),
            revision=case.revision,
            region=case.region,
            org_path=case.org_path,
            district=case.district,
            supply_class=case.supply_class,
            state=case.state,
            score=case.score,
            signals=[_signal(one, info) for one in case.evidence],
            curve=CurveReference(point_id=str(case.point_id), from_day=case.days.start, to_day=case.days.end),
            owner=case.owner,
            inspector=case.inspector,
            due_on=case.due_on,
            opened_at=case.opened_at,
            changed_at=case.changed_at,
            closing=case.closing,
            quiet_until=case.quiet_until,
            photos=[CasePhoto(id=str(one.id), by=one.by, at=one.at, note=one.note) for one in case.photos],
            history=[CaseEntry(at=one.at, by=one.by, what=str(one.what), note=one.note) for one in case.history],
        )


@strawberry.input(description="Which cases are listed, the highest score first.")
class IrregularCaseFilter:
    """Which cases are listed."""

    region: str
    states: list[model.State] | None = strawberry.field(default=None, description="All where absent.")
    owner: str | None = None
    district: str | None = None
    due_by: date | None = strawberry.field(default=None, description="Only those to be done by this day.")


_PLACES: Final[Places[model.Case, float, UUID]] = Places(lambda one: (one.score, one.id), float, UUID)


async def irregular_cases(
    info: Info, filter: IrregularCaseFilter, first: int = 20, after: str | None = None
) -> relay.Connection[IrregularCase]:
    """Return a page of the cases that the agent may see."""
    cases = info.context.hall.metering.irregular.cases
    units = units_inspected(info.context.subject, region=filter.region)
    wanted = CaseFilter(filter.region, units, tuple(filter.states or ()), filter.owner, filter.district, filter.due_by)
    page = await _PLACES.page(
        lambda place, limit: cases.page(wanted, after=place, limit=limit), first=first, after=after
    )
    return connection(page.map(lambda case: IrregularCase.of(case, info)), after=after)


async def irregular_case(info: Info, id: relay.GlobalID) -> IrregularCase | None:
    """Return a case, None where there is none that the agent may see."""
    case_id = model.CaseId(uuid_of(id, "IrregularCase", field="id"))
    found = await info.context.hall.metering.irregular.cases.load([case_id])
    return next((IrregularCase.of(case, info) for case in visible(info, list(found.values()))), None)


def visible(info: Info, cases: Sequence[model.Case]) -> list[model.Case]:
    """Return those of the cases that the agent may see and decide on."""
    subject = info.context.subject
    return [one for one in cases if may_inspect(subject, region=one.region, org_path=one.org_path) is True]


def _signal(evidence: Evidence, info: Info) -> IrregularSignal:
    words, language = info.context.hall.words, info.context.language
    return IrregularSignal(
        code=evidence.signal,
        title=sentences.title(evidence, words=words, language=language),
        sentence=sentences.sentence(evidence, words=words, language=language),
        added=evidence.added,
        numbers=[SignalNumber(name=name, value=value) for name, value in evidence.numbers.items()],
        since=evidence.since,
        first_seen=evidence.first_seen,
        last_seen=evidence.last_seen,
    )
