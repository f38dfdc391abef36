"""Days of readings that failed a check, as agents see them."""

from datetime import date, datetime
from typing import Final

import strawberry
from strawberry import relay

from gridhall.crm.agents.policies import may_serve, units_served
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.paging import Places, connection
from gridhall.graphql.types.desk.bill import Evidence
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.kit.localdays import Days
from gridhall.metering.vee import sentences
from gridhall.metering.vee.exceptions import model
from gridhall.metering.vee.exceptions.repository import Wanted
from gridhall.metering.vee.model import Outcome, Severity, Verdict
from gridhall.metering.vee.queries import checks_of

_KEY_BYTES = 21

strawberry.enum(model.ExceptionState, name="ReadingExceptionState", description="Where an exception stands.")
strawberry.enum(Severity, name="CheckSeverity", description="How much a failed check weighs.")
strawberry.enum(Verdict, name="CheckVerdict", description="What a check came to.")


@strawberry.type(description="What one check says of a day.")
class DayCheck:
    """What one check says of a day."""

    code: str
    title: str
    verdict: Verdict
    severity: Severity | None = strawberry.field(description="Of a failed check.")
    sentence: str | None = strawberry.field(description="Of a failed check, with its numbers.")
    measured: str | None
    threshold: str | None
    reason: str | None = strawberry.field(description="Why it was skipped.")
    evidence: list[Evidence]


@strawberry.type(description="Something that was done about an exception.")
class ExceptionStep:
    """Something that was done about an exception."""

    at: datetime
    by: str = strawberry.field(description="An agent's name, or `vee` for the nightly run.")
    state: model.ExceptionState
    reason: str


@strawberry.type(description="A day of a channel at a service point that failed a check.")
class ReadingException(DeskNode):
    """A day that failed a check."""

    id: relay.NodeID[str]
    version: int = strawberry.field(description="Handed back with a decision, so that nobody decides on what is older.")
    region: str
    org_path: str
    supply_class: str
    point_id: str
    channel: str
    meter: str
    day: date
    codes: list[str] = strawberry.field(description="Checks that failed, the gravest first.")
    severity: Severity
    state: model.ExceptionState
    opened_at: datetime
    due_on: date = strawberry.field(description="Five working days after it was opened.")
    owner: str | None
    steps: list[ExceptionStep]
    record: strawberry.Private[model.DayException]

    @strawberry.field(description="What every check says of the day as it was last judged.")
    async def checks(self, info: Info) -> list[DayCheck]:
        """Return the outcomes of the day."""
        one = self.record
        days = Days(one.day, date.fromordinal(one.day.toordinal() + 1))
        checks = info.context.hall.metering.vee.bench.checks
        judged = await checks_of(point_id=one.point_id, days=days, checks=checks, channel=one.channel)
        return [_check(outcome, info) for outcome in judged[one.day].outcomes] if one.day in judged else []

    @classmethod
    def of(cls, one: model.DayException) -> "ReadingException":
        """Present an exception to somebody who may see it."""
        return cls(
            id=one.key.hex(),
            version=one.version,
            region=one.region,
            org_path=one.org_path,
            supply_class=one.supply_class,
            point_id=str(one.point_id),
            channel=one.channel,
            meter=one.meter,
            day=one.day,
            codes=list(one.codes),
            severity=one.severity,
            state=one.state,
            opened_at=one.opened_at,
            due_on=one.due_on,
            owner=one.owner,
            steps=[ExceptionStep(at=s.at, by=s.by, state=s.state, reason=s.reason) for s in one.steps],
            record=one,
        )


@strawberry.input(description="Which exceptions are listed, what is due first on top.")
class ReadingExceptionFilter:
    """Which exceptions are listed."""

    region: str
    state: model.ExceptionState = model.ExceptionState.OPEN
    check: str | None = strawberry.field(default=None, description="Only those in which this check failed.")


_PLACES: Final[Places[model.DayException, date, bytes]] = Places(
    lambda one: (one.due_on, one.key.hex()), date.fromisoformat, bytes.fromhex
)


async def reading_exceptions(
    info: Info, filter: ReadingExceptionFilter, first: int = 20, after: str | None = None
) -> relay.Connection[ReadingException]:
    """Return a page of the exceptions that the agent may see."""
    exceptions = info.context.hall.metering.vee.exceptions
    units = units_served(info.context.subject, region=filter.region)
    wanted = Wanted(filter.region, units, filter.state, filter.check)
    page = await _PLACES.page(
        lambda place, limit: exceptions.page(wanted, after=place, limit=limit), first=first, after=after
    )
    return connection(page.map(ReadingException.of), after=after)


def visible(info: Info, one: model.DayException) -> bool:
    """Tell whether the agent may see an exception."""
    return may_serve(info.context.subject, region=one.region, org_path=one.org_path) is True


def key_of(id: relay.GlobalID) -> bytes:
    """Return the key in an exception's id. Raises RefusedError where it is none."""
    try:
        key = bytes.fromhex(id.node_id)
    except ValueError:
        key = b""
    if id.type_name != "ReadingException" or len(key) != _KEY_BYTES:
        raise RefusedError("input.bad_id", {"field": "id", "type": "ReadingException"})
    return key


def _check(outcome: Outcome, info: Info) -> DayCheck:
    words, language = info.context.hall.words, info.context.language
    return DayCheck(
        code=outcome.code,
        title=sentences.title(outcome.code, words=words, language=language),
        verdict=outcome.verdict,
        severity=outcome.severity,
        sentence=sentences.sentence(outcome, words=words, language=language) if outcome.failed else None,
        measured=None if outcome.measured is None else str(outcome.measured),
        threshold=None if outcome.threshold is None else str(outcome.threshold),
        reason=outcome.reason,
        evidence=[Evidence(name=name, value=value) for name, value in outcome.evidence],
    )
