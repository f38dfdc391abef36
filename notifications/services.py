"""The post office opened on a database."""

from dataclasses import dataclass

from gridhall.billing.services import Billing
from gridhall.crm.services import People
from gridhall.kit.clock import Clock
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Outbox
from gridhall.kit.settings import Settings
from gridhall.kit.words import Words
from gridhall.notifications.catalogue import Way
from gridhall.notifications.channels.mail import MailChannel
from gridhall.notifications.channels.sms import SmsChannel
from gridhall.notifications.channels.wechat import WeChatChannel
from gridhall.notifications.ebill.assemble import EBillMaker
from gridhall.notifications.inbox.repository import InboxRepository
from gridhall.notifications.ledger.repository import DeliveryRepository
from gridhall.notifications.sending.addressees import Addressees
from gridhall.notifications.sending.gates import Gates, QuietHours
from gridhall.notifications.sending.post_office import PostOffice
from gridhall.notifications.triggers.arrears import StillOwed
from gridhall.notifications.triggers.audience import Audience
from gridhall.notifications.triggers.balances import BalanceStands
from gridhall.notifications.triggers.bills import Newsroom
from gridhall.notifications.triggers.notices import NoticeStands

REPOSITORIES = (DeliveryRepository, InboxRepository)
"""For creating indexes."""

SMS_TEMPLATES = {
    "code_asked": "SMS_CODE_ASKED",
    "arrears_reminder": "SMS_PAYMENT_REMINDER",
    "formal_notice": "SMS_PAYMENT_NOTICE",
    "formal_notice.disconnection": "SMS_DISCONNECTION_NOTICE",
    "cut_ahead": "SMS_SUPPLY_NOTICE",
    "balance_notice": "SMS_BALANCE_NOTICE",
    "balance_crossed.low": "SMS_BALANCE_LOW",
    "balance_crossed.empty": "SMS_BALANCE_EMPTY",
}
"""The carrier-approved template of each notification that goes out as a text message."""


@dataclass(frozen=True, slots=True)
class PostRoom:
    """The post office's services."""

    words: Words
    inbox: InboxRepository
    ebills: EBillMaker
    office: PostOffice
    newsroom: Newsroom
    still_owed: StillOwed

    @classmethod
    def open(cls, *, mongo: Mongo, settings: Settings, clock: Clock, billing: Billing, people: People) -> "PostRoom":
        """Open the room on a database."""
        words = Words(["gridhall.notifications"])
        inbox = InboxRepository(mongo)
        ebills = EBillMaker(
            bills=billing.bills,
            accounts=billing.accounts,
            customers=people.customers,
            holders=people.holders,
            histories=billing.histories,
            settings=settings,
        )
        still_owed = StillOwed(billing.bills, billing.payments.intents, settings.time_zone, billing.arrears.following)
        stands = NoticeStands(billing.follow_up.serving)
        office = PostOffice(
            addressees=Addressees(people.customers, people.codes.codes),
            deliveries=DeliveryRepository(mongo),
            inbox=inbox,
            channels={
                Way.MAIL: MailChannel(
                    host=settings.mail_host,
                    port=settings.mail_port,
                    sender=settings.mail_sender,
                    timeout_seconds=settings.mail_timeout_seconds,
                    clock=clock,
                ),
                Way.WECHAT: WeChatChannel(people.wechat.client),
                Way.SMS: SmsChannel(
                    url=settings.sms_url,
                    access_key_id=settings.sms_access_key_id,
                    access_key_secret=settings.sms_access_key_secret.get_secret_value(),
                    sign_name=settings.sms_sign_name,
                    timeout_seconds=settings.outside_timeout_seconds,
                    clock=clock,
                ),
            },
            enclosures=ebills,
            gates=Gates(
                quiet=QuietHours.parse(settings.quiet_hours, zone=settings.time_zone),
                checks={
                    "arrears_reminder": still_owed,
                    "formal_notice": stands,
                    "balance_notice": stands,
                    "cut_ahead": stands,
                    "balance_crossed": BalanceStands(billing.prepaying.following.prepayments),
                },
            ),
            words=words,
            sms_templates=SMS_TEMPLATES,
            consents=people.consents,
        )
        newsroom = Newsroom(
            office=office,
            outbox=Outbox(mongo),
            bills=billing.bills,
            accounts=billing.accounts,
            audience=Audience(people.customers, people.holders),
            zone=settings.time_zone,
        )
        return cls(words=words, inbox=inbox, ebills=ebills, office=office, newsroom=newsroom, still_owed=still_owed)
