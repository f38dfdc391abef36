"""What a request has at hand: who asks, in which language, and the rooms to the left."""

from dataclasses import dataclass
from uuid import UUID

from strawberry.types.info import Info as StrawberryInfo

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.arrears.disputes.model import Dispute
from gridhall.billing.bills.model import Bill, BillId, CreditNoteId
from gridhall.billing.credits.model import CreditNote
from gridhall.billing.invoices.model import Invoice
from gridhall.billing.payments.providers import Providers
from gridhall.billing.prepayment.model import Prepayment
from gridhall.billing.services import Billing
from gridhall.billing.shadow.model import Record
from gridhall.crm.agents.model import Agent
from gridhall.crm.agents.policies import may_go_rounds, may_use_desk
from gridhall.crm.customers.model import Customer
from gridhall.crm.services import People
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.joined import JoinedBilled, JoinedMonths, JoinedPoints
from gridhall.kit.blobs import BlobRepository
from gridhall.kit.clock import Clock
from gridhall.kit.links import SignedLinks
from gridhall.kit.loader import Loader
from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings
from gridhall.kit.subject import STRANGER, Subject
from gridhall.kit.words import Words
from gridhall.metering.load.similar.repository import SimilarRepository
from gridhall.metering.points.model import Meter, ServicePoint
from gridhall.metering.points.repository import MeterRepository, PointRepository
from gridhall.metering.services import Metering
from gridhall.notifications.services import PostRoom
from gridhall.notifications.timeline import Timelines

BillsWanted = tuple[AccountId, Month | None, int]


class Hall:
    """The rooms, and the process-wide loaders over them. One a process; it knows no caller."""

    def __init__(
        self,
        *,
        mongo: Mongo,
        settings: Settings,
        clock: Clock,
        metering: Metering,
        billing: Billing,
        people: People,
        post_room: PostRoom,
        providers: Providers,
        words: Words,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.metering = metering
        self.billing = billing
        self.people = people
        self.post_room = post_room
        self.providers = providers
        self.words = words
        self.timelines = Timelines(
            bills=billing.bills,
            ledger=billing.ledger,
            deliveries=post_room.office.deliveries,
            notes=people.notes,
            audit=people.audit,
        )
        self.links = SignedLinks.of(settings)
        self._points = PointRepository(mongo)
        self.blobs = BlobRepository(mongo)
        self.accounts: Loader[AccountId, Account] = Loader(billing.accounts.load)
        self.bills: Loader[BillId, Bill] = Loader(billing.bills.load)
        self.credit_notes: Loader[CreditNoteId, CreditNote] = Loader(billing.rebilling.notes.load)
        self.shadow_records: Loader[BillId, Record] = Loader(billing.shadow.records.of_bills)
        self.prepayments: Loader[AccountId, Prepayment] = Loader(billing.prepaying.following.prepayments.load)
        self.invoices_of: Loader[BillId, list[Invoice]] = Loader(billing.invoicing.invoices.of_bills)
        self.disputes_of: Loader[BillId, list[Dispute]] = Loader(billing.follow_up.disputing.disputes.of_bills)
        self.points: Loader[UUID, ServicePoint] = Loader(self._points.by_ids)
        self.joined_points = JoinedPoints(self.points)
        self.meters: Loader[str, Meter] = Loader(MeterRepository(mongo).by_numbers)
        self.similar = SimilarRepository(mongo)
        self.months = JoinedMonths(billing.histories)
        self.billed = JoinedBilled(billing.bills)
        self.newest_bills: Loader[BillsWanted, list[Bill]] = Loader(self._newest_bills)

    async def _newest_bills(self, wanted: list[BillsWanted]) -> dict[BillsWanted, list[Bill]]:
        """Fetch pages of bills, one round trip for all accounts that want the same page."""
        found: dict[BillsWanted, list[Bill]] = {}
        for before, limit in {(before, limit) for _, before, limit in wanted}:
            ids = [account_id for account_id, *page in wanted if page == [before, limit]]
            bills = await self.billing.bills.newest(ids, before=before, limit=limit)
            found |= {(account_id, before, limit): bills.get(account_id, []) for account_id in ids}
        return found


@dataclass(slots=True)
class Context:
    """One request, of a customer, an agent or a stranger, as read for this request with today's rights."""

    hall: Hall
    language: str
    customer: Customer | None
    agent: Agent | None = None

    @property
    def subject(self) -> Subject:
        """Who asks."""
        asking = self.customer or self.agent
        return asking.as_subject() if asking else STRANGER

    def at_desk(self) -> Agent:
        """Return the agent who asks. Raises RefusedError for anybody else."""
        require(may_use_desk(self.subject))
        if self.agent is None:
            raise RefusedError("access.not_at_the_desk")
        return self.agent

    def on_rounds(self) -> Agent:
        """Return the reader or supervisor who asks. Raises RefusedError for anybody else."""
        require(may_go_rounds(self.subject))
        return self.any_agent()

    def any_agent(self) -> Agent:
        """Return the agent who asks, whatever the role. Raises RefusedError for anybody else."""
        if self.agent is None:
            raise RefusedError("access.not_at_the_desk" if self.customer else "access.sign_in_first")
        return self.agent

    def signed_in(self) -> Customer:
        """Return the customer who asks. Raises RefusedError for a stranger."""
        if self.customer is None:
            raise RefusedError("access.sign_in_first")
        return self.customer


Info = StrawberryInfo[Context, None]
