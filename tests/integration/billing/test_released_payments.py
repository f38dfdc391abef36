"""What the released code wrote of payments: read as it is, and by its migration what is written now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import BillId
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import Intent, IntentStatus, Part, PaymentReceived, Received, TradeNumber
from gridhall.billing.payments.repository import IntentRepository, PaymentRepository
from gridhall.kit.ids import new_id
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo
from tests.factories.released import a_released_intent, a_released_payment, kept, migrate

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
ACCOUNT, BILLS = AccountId(new_id()), (BillId(new_id()), BillId(new_id()))

STARTED = Intent(
    number=TradeNumber("a" * 32),
    parts=(Part(ACCOUNT, BILLS, Fen(12_345)),),
    region="zhejiang",
    provider="wechatpay",
    payer="customer",
    asked_by="customer:key-1",
    started_at=NOW,
    expires_at=NOW + timedelta(hours=2),
    pay_url="https://pay.example/1",
)
PAID = replace(STARTED, number=TradeNumber("b" * 32), asked_by="customer:key-2", status=IntentStatus.PAID)

ONLINE = PaymentReceived.for_account(
    "wechatpay", "420001", ACCOUNT, Fen(12_345), NOW, bill_ids=BILLS, trade_number=PAID.number
)
CASH = PaymentReceived.for_account("counter", "receipt:7", ACCOUNT, Fen(500), NOW)


@pytest.mark.parametrize("intent", [STARTED, PAID])
async def test_a_released_intent_becomes_what_is_written_now(mongo: Mongo, intent: Intent) -> None:
    intents = IntentRepository(mongo)
    await intents.add(intent)
    now_written = await kept(mongo, "payment_intents", intent.number)
    await mongo["payment_intents"].replace_one({"_id": intent.number}, a_released_intent(intent))
    assert await intents.load(intent.number) == intent
    assert await migrate(mongo, "payment_intents") == 1
    assert await kept(mongo, "payment_intents", intent.number) == now_written
    assert await migrate(mongo, "payment_intents") == 0


@pytest.mark.parametrize(("payment", "cash"), [(ONLINE, Book.CASH_ONLINE), (CASH, Book.CASH_COUNTER)])
async def test_a_released_payment_becomes_what_is_written_now(
    mongo: Mongo, payment: PaymentReceived, cash: Book
) -> None:
    payments, received = PaymentRepository(mongo), Received(payment, cash, went={}, given_back={})
    await mongo.transact(lambda transaction: payments.add(received, transaction=transaction))
    key = f"{payment.provider}:{payment.provider_number}"
    now_written = await kept(mongo, "payments", key)
    await mongo["payments"].replace_one({"_id": key}, a_released_payment(payment))
    assert await payments.kept(provider=payment.provider, number=payment.provider_number) == received
    assert await migrate(mongo, "payments") == 1
    assert await kept(mongo, "payments", key) == now_written
    assert await migrate(mongo, "payments") == 0


async def test_what_was_given_back_of_a_released_payment_stays_given_back(mongo: Mongo) -> None:
    payments = PaymentRepository(mongo)
    await mongo["payments"].insert_one(a_released_payment(ONLINE))
    received = await payments.kept(provider="wechatpay", number="420001")
    assert received is not None
    await mongo.transact(
        lambda transaction: payments.give_back(
            received, account_id=ACCOUNT, amount=Fen(45), at=NOW, transaction=transaction
        )
    )
    await migrate(mongo, "payments")
    after = await payments.kept(provider="wechatpay", number="420001")
    assert after is not None
    assert (after.given_back, after.refunds) == ({ACCOUNT: 45}, 1)


async def test_released_intents_and_payments_are_found_by_the_queries_of_today(mongo: Mongo) -> None:
    intents, payments = IntentRepository(mongo), PaymentRepository(mongo)
    await mongo["payment_intents"].insert_many([a_released_intent(STARTED), a_released_intent(PAID)])
    await mongo["payments"].insert_many([a_released_payment(ONLINE), a_released_payment(CASH)])
    await migrate(mongo, "payment_intents")
    await migrate(mongo, "payments")
    assert await intents.last_started(ACCOUNT, since=NOW) == NOW
    assert len(await intents.of_payer("customer", before=None, limit=5)) == 2
    assert len(await payments.page(ACCOUNT, before=None, limit=5)) == 2
    of_day = await payments.of_day(provider="wechatpay", begin=NOW, end=NOW + timedelta(hours=1), after=None, limit=5)
    assert of_day == [ONLINE]
