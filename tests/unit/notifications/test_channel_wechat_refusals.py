"""What WeChat's refusals mean for a delivery."""

import pytest

from gridhall.crm.wechat.model import refusal_of
from gridhall.notifications.channels.port import SendState
from gridhall.notifications.channels.wechat import refused


@pytest.mark.parametrize(
    ("errcode", "state", "reason", "suppress"),
    [
        (43101, SendState.FAILED, "no-consent", False),
        (47003, SendState.FAILED, "bad-field", False),
        (40037, SendState.FAILED, "bad-template", False),
        (40003, SendState.FAILED, "bad-openid", True),
        (40226, SendState.FAILED, "blocked", False),
        (45009, SendState.RETRY, "quota", False),
        (45011, SendState.RETRY, "too-often", False),
        (42001, SendState.RETRY, "token-ended", False),
        (40001, SendState.RETRY, "token-ended", False),
        (-1, SendState.RETRY, "busy", False),
        (48001, SendState.FAILED, "errcode-48001", False),
    ],
)
def test_a_refusal_is_later_or_never_and_names_its_reason(
    errcode: int,
    state: SendState,
    reason: str,
    suppress: bool,  # noqa: FBT001 - a column of the table
) -> None:
    result = refused(refusal_of(errcode))
    assert (result.state, result.reason, result.suppress_recipient) == (state, reason, suppress)
