"""What WeChat pushes: the signature by its published example, and which events are read."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.crm.wechat.push import Pushed, is_from_wechat, read_push, signature

QUERY = {
    "timestamp": "1714036504",
    "nonce": "1514711492",
    "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
}
THEN = datetime.fromtimestamp(1714036504, UTC)


def test_the_published_example_of_a_signature() -> None:
    assert signature(token="AAAAA", timestamp="1714036504", nonce="1514711492") == QUERY["signature"]


@pytest.mark.parametrize(("seconds", "taken"), [(0, True), (299, True), (-299, True), (301, False), (-301, False)])
def test_it_is_taken_within_five_minutes(seconds: int, taken: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_from_wechat(token="AAAAA", query=QUERY, now=THEN + timedelta(seconds=seconds)) is taken


@pytest.mark.parametrize(
    "changed", [{"nonce": "1"}, {"timestamp": "1714036505"}, {"signature": ""}, {"signature": "é"}]
)
def test_whatever_is_changed_the_signature_is_not_ours(changed: dict[str, str]) -> None:
    assert not is_from_wechat(token="AAAAA", query={**QUERY, **changed}, now=THEN)


def test_another_token_signs_otherwise() -> None:
    assert not is_from_wechat(token="AAAAB", query=QUERY, now=THEN)


def event(name: str, entries: object) -> bytes:
    return orjson.dumps({"FromUserName": "o1", "MsgType": "event", "Event": name, "List": entries})


REJECTED = {"TemplateId": "T1", "SubscribeStatusString": "reject"}


@pytest.mark.parametrize("entries", [REJECTED, [REJECTED], [REJECTED, {**REJECTED, "SubscribeStatusString": "accept"}]])
def test_templates_that_were_switched_off_are_read_alone_or_in_a_list(entries: object) -> None:
    told = event("subscribe_msg_change_event", entries)
    assert read_push(told) == Pushed("subscribe_msg_change_event", "o1", ("T1",))


@pytest.mark.parametrize("status", ["accept", "reject"])
def test_what_was_tapped_in_the_client_is_left_to_the_client(status: str) -> None:
    told = read_push(event("subscribe_msg_popup_event", [{**REJECTED, "SubscribeStatusString": status}]))
    assert told == Pushed("subscribe_msg_popup_event", "o1")


@given(st.binary())
def test_bytes_that_mean_nothing_are_no_event(body: bytes) -> None:
    assert read_push(body) is None


@pytest.mark.parametrize("entries", ["x", [1], [{}], 3])
def test_a_list_of_another_shape_is_no_event(entries: object) -> None:
    assert read_push(event("subscribe_msg_change_event", entries)) is None
