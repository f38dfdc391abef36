"""What is told of an account to somebody who pays for others."""

import strawberry

from gridhall.billing.accounts.model import masked_number
from gridhall.crm.access.strangers import Payable as Found
from gridhall.crm.access.strangers import payable_by_number
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.types.money import Money
from gridhall.kit.subject import Refusal


@strawberry.type(description="An account to pay for, as a stranger sees it. No bill, no address, no use.")
class Payable:
    """An account as a stranger sees it."""

    account_number: str = strawberry.field(description="Masked.")
    holder: str | None = strawberry.field(description="The holder's name, its first character only.")
    owed: Money = strawberry.field(description="Bills and penalties, as of today.")
    penalty: Money = strawberry.field(description="What of that is late-payment penalties.")

    @classmethod
    def of(cls, found: Found) -> "Payable":
        """Present an account to a stranger."""
        return cls(
            account_number=masked_number(found.account.number),
            holder=found.name,
            owed=Money(fen=found.owed),
            penalty=Money(fen=found.owing.penalty),
        )


async def payable(info: Info, account_number: str) -> Payable | None:
    """Return what a signed-in customer may know of anybody's account. Raises RefusedError where asked too often."""
    found = await found_payable(info, account_number)
    return Payable.of(found) if found else None


async def found_payable(info: Info, account_number: str) -> Found | None:
    """Look an account up for a stranger, counted. Raises RefusedError where asked too often."""
    hall, asker = info.context.hall, info.context.signed_in()
    found = await payable_by_number(
        strangers=hall.people.strangers, asker=asker.id, number=account_number[:32], now=hall.clock.now()
    )
    if isinstance(found, Refusal):
        raise RefusedError(found.code)
    return found
