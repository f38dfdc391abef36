"""What a customer is told of a bill, as much as is left of it."""

from dataclasses import replace

import pytest

from gridhall.kit.words import LANGUAGES, Words
from gridhall.notifications.catalogue.bill_issued import BillIssued
from gridhall.notifications.sending.compose import compose

WORDS = Words(["gridhall.notifications"])
BILL = BillIssued.example()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("left", [0, -1])
def test_who_has_nothing_left_to_pay_is_not_asked_to_pay(language: str, left: int) -> None:
    told = compose(replace(BILL, to_pay=left), words=WORDS, language=language)
    assert BILL.due_on.isoformat() not in told.text
    assert "109.46" in told.text
    assert {"en": "nothing is left", "zh-CN": "无需再缴费"}[language] in told.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_has_something_left_to_pay_is_told_until_when(language: str) -> None:
    assert BILL.due_on.isoformat() in compose(BILL, words=WORDS, language=language).text
