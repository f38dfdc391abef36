from datetime import date
from uuid import UUID

from gridhall.kit.words import Words
from gridhall.notifications.catalogue import BillIssued, PaymentReceived
from gridhall.notifications.sending.compose import as_mail, compose

WORDS = Words(["gridhall.notifications"])
BILL = BillIssued(UUID(int=1), "330******001", "2026-10", "1217", 1_234_567, 1_234_567, date(2026, 11, 21))


def test_a_bill_is_told_in_chinese() -> None:
    composed = compose(BILL, words=WORDS, language="zh-CN")
    assert composed.title == "2026-10 电费账单已出"
    assert ("电费", "¥12,345.67") in composed.facts


def test_a_bill_is_told_in_english() -> None:
    composed = compose(BILL, words=WORDS, language="en")
    assert composed.title == "Your electricity bill for 2026-10 is ready"
    assert ("Due on", "2026-11-21") in composed.facts


def test_a_payment_says_what_is_still_owed() -> None:
    payment = PaymentReceived("330******001", 10946, date(2026, 11, 3), 5)
    assert "¥0.05" in compose(payment, words=WORDS, language="en").text


def test_what_a_message_carries_cannot_become_markup() -> None:
    sly = PaymentReceived("<script>&", 1, date(2026, 11, 3), 0)
    mail = as_mail(compose(sly, words=WORDS, language="en"), words=WORDS)
    assert mail.html is not None
    assert "<script>" not in mail.html
    assert "&lt;script&gt;&amp;" in mail.html
    assert "<script>&" in mail.text
