"""The link to WeChat, and what the customer allowed there."""

import strawberry

from gridhall.crm.consents import model
from gridhall.crm.customers.model import Customer
from gridhall.graphql.context import Info


@strawberry.type(description="What the customer allowed of one subscribe-message template.")
class Consent:
    """What the customer allowed of one template."""

    template: str = strawberry.field(description="Our key of the template.")
    template_id: str = strawberry.field(description="WeChat's id of it, for `wx.requestSubscribeMessage`.")
    credits: int = strawberry.field(description="Messages that may still be sent; zero means: ask for consent.")
    long_term: bool = strawberry.field(description="Whether one consent is good until it is taken back.")

    @classmethod
    def of(cls, consent: model.Consent) -> "Consent":
        """Present a consent."""
        return cls(
            template=consent.template,
            template_id=consent.template_id,
            credits=consent.credits,
            long_term=consent.long_term,
        )


@strawberry.type(description="The customer's link to the WeChat mini-program.")
class WeChat:
    """The customer's link to WeChat."""

    linked: bool
    record: strawberry.Private[Customer]

    @strawberry.field(description="Every template that there is, with what the customer allowed of it.")
    async def consents(self, info: Info) -> list[Consent]:
        """Return what the customer allowed."""
        return [Consent.of(one) for one in await info.context.hall.people.consents.of(self.record.id)]

    @classmethod
    def of(cls, customer: Customer) -> "WeChat":
        """Present a customer's link."""
        return cls(linked=customer.openid is not None, record=customer)
