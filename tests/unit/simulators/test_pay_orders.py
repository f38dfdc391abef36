import json
from datetime import UTC, datetime, timedelta

import pytest

from gridhall.simulators.pay_orders import BadOrderError, PayOrder
from gridhall.simulators.signatures import is_pay_signature, pay_headers

NOW = datetime(2026, 11, 3, 8, tzinfo=UTC)
GOOD = {
    "out_trade_no": "P202610-1",
    "total_fen": 36492,
    "description": "2026-10 电费",
    "notify_url": "http://127.0.0.1:8000/v1/pay",
}


class TestReadingAnOrder:
    def test_a_good_order_is_read(self) -> None:
        order = PayOrder.parse(json.dumps(GOOD).encode(), now=NOW)
        assert (order.out_trade_no, order.total) == ("P202610-1", 36492)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("out_trade_no", "short"),
            ("out_trade_no", "P/../../x"),
            ("total_fen", 0),
            ("total_fen", 364.92),
            ("total_fen", True),
            ("description", "x" * 128),
            ("notify_url", "file:///etc/passwd"),
            ("notify_url", None),
        ],
    )
    def test_a_bad_field_is_named(self, field: str, value: object) -> None:
        with pytest.raises(BadOrderError, match=field):
            PayOrder.parse(json.dumps({**GOOD, field: value}).encode(), now=NOW)

    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
    def test_what_is_no_object_is_refused(self, body: bytes) -> None:
        with pytest.raises(BadOrderError, match="body"):
            PayOrder.parse(body, now=NOW)

    def test_paying_twice_keeps_the_first_payment(self) -> None:
        paid = PayOrder.parse(json.dumps(GOOD).encode(), now=NOW).pay(now=NOW)
        assert paid.pay(now=NOW + timedelta(hours=1)) is paid


class TestSignature:
    def test_what_was_signed_is_recognised(self) -> None:
        headers = pay_headers(secret="s", body=b"{}", now=NOW)
        assert is_pay_signature(secret="s", body=b"{}", headers=headers, now=NOW)

    @pytest.mark.parametrize("change", ["X-Pay-Timestamp", "X-Pay-Nonce", "X-Pay-Signature"])
    def test_a_changed_or_missing_header_is_noticed(self, change: str) -> None:
        headers = pay_headers(secret="s", body=b"{}", now=NOW)
        assert not is_pay_signature(secret="s", body=b"{}", headers={**headers, change: "1"}, now=NOW)
        del headers[change]
        assert not is_pay_signature(secret="s", body=b"{}", headers=headers, now=NOW)

    def test_another_body_or_secret_is_noticed(self) -> None:
        headers = pay_headers(secret="s", body=b"{}", now=NOW)
        assert not is_pay_signature(secret="s", body=b"{ }", headers=headers, now=NOW)
        assert not is_pay_signature(secret="t", body=b"{}", headers=headers, now=NOW)

    def test_after_five_minutes_it_is_worth_nothing(self) -> None:
        headers = pay_headers(secret="s", body=b"{}", now=NOW)
        assert is_pay_signature(secret="s", body=b"{}", headers=headers, now=NOW + timedelta(minutes=5))
        assert not is_pay_signature(secret="s", body=b"{}", headers=headers, now=NOW + timedelta(minutes=5, seconds=1))
