"""Callbacks of the simulated provider: what it signed is read, everything else is refused."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.payments.simulated import Callback, ForgedCallbackError, read_callback, sign
from gridhall.simulators.signatures import pay_headers

NOW = datetime(2026, 11, 3, 8, tzinfo=UTC)
SECRET = "s"
TOLD: dict[str, Any] = {
    "out_trade_no": "a" * 32,
    "transaction_id": "T1",
    "total_fen": 36492,
    "paid_at": "2026-11-03T16:00:00+08:00",
}


def body_of(**changes: object) -> bytes:
    return json.dumps({**TOLD, **changes}).encode()


def signed(body: bytes, *, at: datetime = NOW, secret: str = SECRET) -> dict[str, str]:
    return {name.lower(): value for name, value in pay_headers(secret=secret, body=body, now=at).items()}


def read(body: bytes, headers: dict[str, str]) -> Callback:
    return read_callback(headers=headers, body=body, secret=SECRET.encode(), now=NOW)


def test_what_the_provider_signed_is_read() -> None:
    body = body_of()
    assert read(body, signed(body)) == Callback("a" * 32, "T1", 36492, NOW)


@pytest.mark.parametrize("off", [-300, 300])
def test_five_minutes_of_skew_are_allowed(off: int) -> None:
    body = body_of()
    assert read(body, signed(body, at=NOW + timedelta(seconds=off))).total == 36492


@pytest.mark.parametrize("off", [-301, 301, 86400 * 3650])
def test_a_stale_or_future_callback_is_refused(off: int) -> None:
    body = body_of()
    with pytest.raises(ForgedCallbackError, match="5 minutes"):
        read(body, signed(body, at=NOW + timedelta(seconds=off)))


class TestForged:
    def test_another_secret_is_refused(self) -> None:
        body = body_of()
        with pytest.raises(ForgedCallbackError, match="signature"):
            read(body, signed(body, secret="t"))

    def test_a_changed_amount_is_refused(self) -> None:
        with pytest.raises(ForgedCallbackError, match="signature"):
            read(body_of(total_fen=1), signed(body_of()))

    @pytest.mark.parametrize("name", ["x-pay-timestamp", "x-pay-nonce", "x-pay-signature"])
    def test_a_missing_or_changed_header_is_refused(self, name: str) -> None:
        body = body_of()
        headers = signed(body)
        for wrong in ({k: v for k, v in headers.items() if k != name}, {**headers, name: "é"}):
            with pytest.raises(ForgedCallbackError):
                read(body, wrong)

    @given(st.binary(max_size=200), st.dictionaries(st.sampled_from(sorted(signed(b""))), st.text(max_size=70)))
    def test_nobody_gets_past_by_trying(self, body: bytes, headers: dict[str, str]) -> None:
        with pytest.raises(ForgedCallbackError):
            read(body, headers)

    @pytest.mark.parametrize("stamp", ["", "now", "-1", "1e9", "²"])
    def test_a_stamp_that_is_no_second_is_refused_even_when_signed(self, stamp: str) -> None:
        body = body_of()
        headers = {
            "x-pay-timestamp": stamp,
            "x-pay-nonce": "n",
            "x-pay-signature": sign(SECRET.encode(), stamp, "n", body),
        }
        with pytest.raises(ForgedCallbackError, match="timestamp"):
            read(body, headers)


class TestGarbled:
    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"1", b"\xff", b"{}"])
    def test_what_is_no_payment_is_refused(self, body: bytes) -> None:
        with pytest.raises(ForgedCallbackError, match="not a payment"):
            read(body, signed(body))

    @pytest.mark.parametrize("missing", sorted(TOLD))
    def test_a_missing_field_is_refused(self, missing: str) -> None:
        body = json.dumps({name: value for name, value in TOLD.items() if name != missing}).encode()
        with pytest.raises(ForgedCallbackError, match="not a payment"):
            read(body, signed(body))

    @pytest.mark.parametrize("total", [0, -1, 1.5, True, None, "x", "100"])
    def test_an_amount_that_is_no_positive_number_of_fen_is_refused(self, total: object) -> None:
        body = body_of(total_fen=total)
        with pytest.raises(ForgedCallbackError, match="not a payment"):
            read(body, signed(body))

    @pytest.mark.parametrize("at", ["", "yesterday", None, 1762156800, "2026-11-03T16:00:00"])
    def test_an_instant_without_its_offset_is_refused(self, at: object) -> None:
        body = body_of(paid_at=at)
        with pytest.raises(ForgedCallbackError, match="not a payment"):
            read(body, signed(body))
