"""How a bill was calculated, in words and numbers."""

import strawberry

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills import model
from gridhall.billing.bills.explaining.explain import explain
from gridhall.billing.bills.explaining.model import Section
from gridhall.billing.bills.explaining.sentences import sentence, title
from gridhall.graphql.context import Info
from gridhall.graphql.types.money import Money

strawberry.enum(Section, name="ExplanationSection", description="What a step of an explanation is about.")


@strawberry.type(description="One thing that was counted for a bill.")
class ExplanationStep:
    """One thing that was counted."""

    section: Section
    title: str = strawberry.field(description="The heading of its section.")
    text: str = strawberry.field(description="The calculation with its numbers, as a pocket calculator shows them.")


@strawberry.type(description="How a bill was calculated, from its readings to its total, so that it can be checked.")
class BillExplanation:
    """How a bill was calculated."""

    agrees: bool = strawberry.field(description="Whether all of it, counted again, comes to what the bill says.")
    recomputed: Money | None = strawberry.field(
        description="The total by another method; null where its tariff or its registers are not known here."
    )
    steps: list[ExplanationStep]

    @classmethod
    def of(cls, bill: model.Bill, *, account: Account, info: Info) -> "BillExplanation":
        """Explain a bill to somebody who may see it."""
        found = explain(bill, account=account)
        words, language = info.context.hall.words, info.context.language
        return cls(
            agrees=found.agrees,
            recomputed=None if found.again is None else Money(fen=found.again),
            steps=[
                ExplanationStep(
                    section=step.section,
                    title=title(step.section, words=words, language=language),
                    text=sentence(step, words=words, language=language),
                )
                for step in found.steps
            ],
        )


async def bill_explanation(info: Info, bill: model.Bill) -> BillExplanation | None:
    """Explain a bill; null where its account is gone."""
    account = await info.context.hall.accounts.load(bill.account_id)
    return BillExplanation.of(bill, account=account, info=info) if account else None
