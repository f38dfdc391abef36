"""The board of a billing cycle, as the desk sees it."""

from datetime import datetime

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.board import model
from gridhall.billing.board.pages import Asked, BadPlaceError, stage_page
from gridhall.billing.board.queries import billing_board as read_board
from gridhall.crm.agents.policies import units_served
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.paging import checked_first, connection
from gridhall.graphql.types.desk.bill import Evidence
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.money import Money
from gridhall.kit.localdays import Month
from gridhall.kit.paging import Page, from_cursor, to_cursor

strawberry.enum(model.Stage, name="BillingStage", description="Where an account's month stands.")


@strawberry.type(description="How many of a stage are of a kind.")
class BoardShare:
    """How many of a stage are of a kind."""

    name: str = strawberry.field(description="A person's name, empty for nobody; or the code of a reason.")
    count: int


@strawberry.type(description="What stands in a stage of a billing cycle.")
class BoardStage:
    """What stands in a stage."""

    stage: model.Stage
    title: str
    count: int = strawberry.field(description="Accounts, each with one bill at most.")
    amount: Money = strawberry.field(description="Of their bills; what is still owed of those that are issued.")
    since: datetime | None = strawberry.field(description="When the oldest of them came there.")
    owners: list[BoardShare] = strawberry.field(description="With whom they are.")
    reasons: list[BoardShare] = strawberry.field(description="What they wait for, or what was found.")


@strawberry.type(description="A billing cycle from reading to review to collection, as far as the agent may see it.")
class BillingBoard:
    """The board of a billing cycle."""

    region: str
    month: str
    accounts: int
    stages: list[BoardStage] = strawberry.field(description="Every stage, in order, the empty ones too.")


@strawberry.type(description="An account in a stage of a billing cycle.")
class BoardEntry(DeskNode):
    """An account in a stage."""

    id: relay.NodeID[str]
    account_number: str
    bill_number: str | None
    amount: Money
    since: datetime | None
    owner: str | None
    why: list[Evidence] = strawberry.field(description="Codes with their numbers or words.")

    @classmethod
    def of(cls, one: model.Entry, *, account: Account, month: Month) -> "BoardEntry":
        """Present an entry to an agent who may see its account."""
        return cls(
            id=f"{month}:{one.bill_id or one.account_id}",
            account_number=account.number,
            bill_number=one.bill_number,
            amount=Money(fen=one.amount),
            since=one.since,
            owner=one.owner,
            why=[Evidence(name=name, value=value) for name, value in one.why],
        )


async def billing_board(info: Info, region: str, month: str) -> BillingBoard:
    """Return the board of what the agent may see of a region's month."""
    hall, words, language = info.context.hall, info.context.hall.words, info.context.language
    found = await read_board(
        boards=hall.billing.boards,
        region=region,
        month=_month(month),
        units=units_served(info.context.subject, region=region),
        now=hall.clock.now(),
    )
    return BillingBoard(
        region=region,
        month=str(found.month),
        accounts=found.accounts,
        stages=[
            BoardStage(
                stage=row.stage,
                title=words.say(f"board.{row.stage}", language=language),
                count=row.count,
                amount=Money(fen=row.amount),
                since=row.since,
                owners=[BoardShare(name=one.name, count=one.count) for one in row.owners],
                reasons=[BoardShare(name=one.name, count=one.count) for one in row.reasons],
            )
            for row in found.rows
        ],
    )


async def billing_board_stage(
    info: Info, *, region: str, month: str, stage: model.Stage, first: int = 20, after: str | None = None
) -> relay.Connection[BoardEntry]:
    """Return a page of the accounts in a stage that the agent may see."""
    limit, hall, of_month = checked_first(first), info.context.hall, _month(month)
    units = units_served(info.context.subject, region=region)
    asked = Asked(region, of_month, units, stage, from_cursor(after) if after else None, limit)
    try:
        found = await stage_page(boards=hall.billing.boards, asked=asked, now=hall.clock.now())
    except BadPlaceError:
        raise RefusedError("input.bad_cursor") from None
    accounts = await hall.billing.accounts.load({one.account_id for one in found.entries})
    page = Page(found.entries, tuple(one.place for one in found.entries), more=found.place is not None)
    shown = connection(
        page.map(lambda one: BoardEntry.of(one, account=accounts[one.account_id], month=of_month)),
        after=after,
    )
    if found.place is not None:
        # A long walk may have found little, or nothing: the next page goes on where it came to.
        shown.page_info.end_cursor = to_cursor(found.place)
    return shown


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        raise RefusedError("input.bad_month") from None
