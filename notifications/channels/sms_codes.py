"""What the answer codes of Alibaba Cloud's SMS service mean for a delivery of ours."""

from gridhall.notifications.channels.port import SendResult, SendState

_LATER = frozenset(
    {
        "isv.BUSINESS_LIMIT_CONTROL",  # too many to this number: a minute, an hour or a day
        "isv.AMOUNT_NOT_ENOUGH",  # our prepaid credit is used up: someone will fill it
        "isv.OUT_OF_SERVICE",  # likewise
        "isv.DAY_LIMIT_CONTROL",
        "isv.MONTH_LIMIT_CONTROL",
        "isp.SYSTEM_ERROR",
        "isp.GATEWAY_ERROR",
        "ServiceUnavailable",
    }
)
_DEAD_NUMBER = frozenset({"isv.MOBILE_NUMBER_ILLEGAL"})


def outcome(code: str, *, reference: str | None = None) -> SendResult:
    """Translate an answer code; every code but OK means that nothing was sent.

    A code that is not known here is a refusal: to send again what was refused costs money and trust.
    """
    if code == "OK":
        return SendResult(SendState.SENT, provider_reference=reference)
    if code in _LATER or code.startswith("Throttling"):
        return SendResult(SendState.RETRY, reason=code)
    return SendResult(SendState.FAILED, reason=code, suppress_recipient=code in _DEAD_NUMBER)
