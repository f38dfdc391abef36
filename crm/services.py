"""The people room opened on a database."""

from dataclasses import dataclass
from datetime import timedelta

from gridhall.billing.services import Billing
from gridhall.crm.access.operations import Access
from gridhall.crm.access.repository import HolderRepository
from gridhall.crm.access.strangers import Strangers
from gridhall.crm.agents.dossiers import Dossiers
from gridhall.crm.agents.operations import Agents
from gridhall.crm.agents.passwords import Passwords
from gridhall.crm.agents.repository import AgentRepository, TryRepository
from gridhall.crm.audit.repository import AuditRepository
from gridhall.crm.codes.model import Limits
from gridhall.crm.codes.operations import Codes
from gridhall.crm.codes.repository import CodeRepository, QuotaRepository
from gridhall.crm.consents.operations import Consents
from gridhall.crm.consents.repository import ConsentRepository
from gridhall.crm.customers.repository import CustomerRepository
from gridhall.crm.notes.repository import NoteRepository
from gridhall.crm.wechat.client import WeChatClient
from gridhall.crm.wechat.operations import WeChatDoor
from gridhall.crm.wechat.repository import TicketRepository
from gridhall.crm.wechat.templates import read_templates
from gridhall.crm.wechat.tokens import AccessTokenStore
from gridhall.kit.codec import FieldCodec
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Outbox
from gridhall.kit.redis import connect_redis
from gridhall.kit.settings import Settings

REPOSITORIES = (
    CustomerRepository,
    HolderRepository,
    CodeRepository,
    QuotaRepository,
    ConsentRepository,
    TicketRepository,
    AgentRepository,
    TryRepository,
    AuditRepository,
    NoteRepository,
)
"""For creating indexes."""


@dataclass(frozen=True, slots=True)
class People:
    """The people room's services."""

    customers: CustomerRepository
    holders: HolderRepository
    codes: Codes
    access: Access
    consents: Consents
    wechat: WeChatDoor
    agents: Agents
    dossiers: Dossiers
    audit: AuditRepository
    notes: NoteRepository
    strangers: Strangers

    async def aclose(self) -> None:
        """Close the connections to the outside that were opened by use."""
        await self.wechat.client.close()

    @classmethod
    def open(cls, *, mongo: Mongo, codec: FieldCodec, settings: Settings, billing: Billing) -> "People":
        """Open the room on a database."""
        customers = CustomerRepository(mongo, codec)
        holders = HolderRepository(mongo)
        codes = Codes(
            mongo=mongo,
            codes=CodeRepository(mongo, codec),
            quotas=QuotaRepository(mongo, codec),
            outbox=Outbox(mongo),
            limits=Limits(
                life=timedelta(minutes=settings.code_minutes),
                attempts=settings.code_attempts,
                a_minute=settings.codes_a_minute,
                an_hour=settings.codes_an_hour,
                a_day=settings.codes_a_day,
            ),
        )
        access = Access(accounts=billing.accounts, customers=customers, holders=holders, codes=codes)
        consents = Consents(ConsentRepository(mongo), read_templates(settings.wechat_templates))
        door = WeChatDoor(
            mongo=mongo,
            client=_wechat_client(settings),
            tickets=TicketRepository(mongo, codec),
            customers=customers,
            codes=codes,
            consents=consents,
            ticket_life=timedelta(minutes=settings.wechat_ticket_minutes),
        )
        audit = AuditRepository(mongo, codec)
        return cls(
            customers=customers,
            holders=holders,
            codes=codes,
            access=access,
            consents=consents,
            wechat=door,
            agents=_agents(mongo, codec, settings, audit),
            dossiers=Dossiers(customers, holders, billing.accounts),
            audit=audit,
            notes=NoteRepository(mongo, codec),
            strangers=Strangers(
                accounts=billing.accounts,
                following=billing.arrears.following,
                customers=customers,
                quotas=codes.quotas,
                limits=Limits(
                    life=timedelta(0),
                    attempts=0,
                    a_minute=settings.payable_lookups_a_minute,
                    an_hour=settings.payable_lookups_an_hour,
                    a_day=settings.payable_lookups_a_day,
                ),
                most_an_hour=settings.payable_lookups_in_all_an_hour,
            ),
        )


def _agents(mongo: Mongo, codec: FieldCodec, settings: Settings, audit: AuditRepository) -> Agents:
    return Agents(
        agents=AgentRepository(mongo),
        counts=TryRepository(mongo, codec),
        audit=audit,
        passwords=Passwords(memory_kib=settings.password_memory_kib, passes=settings.password_passes),
        tries=settings.agent_tries,
        pause=timedelta(minutes=settings.agent_lock_minutes),
    )


def _wechat_client(settings: Settings) -> WeChatClient:
    return WeChatClient(
        url=settings.wechat_url,
        appid=settings.wechat_appid,
        secret=settings.wechat_secret.get_secret_value(),
        timeout_seconds=settings.outside_timeout_seconds,
        tokens=AccessTokenStore(
            redis=connect_redis(settings.redis_uri) if settings.redis_uri else None,
            appid=settings.wechat_appid,
            fetch_seconds=2 * settings.outside_timeout_seconds + 1,
        ),
    )
