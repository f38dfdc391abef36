"""What the payment stand-ins can be told to do wrong, and what came of it."""

from collections import Counter
from enum import StrEnum
from typing import Literal

from pydantic import Field

from gridhall.simulators.trouble import Orders


class Forgery(StrEnum):
    """A callback that no provider sends."""

    WRONG_KEY = "wrong-key"
    """Signed with a key of somebody else's."""
    UNSIGNED = "unsigned"
    OLD_TIMESTAMP = "old-timestamp"
    """Signed rightly, ten minutes ago."""
    PROBE = "probe"
    """WeChat Pay's own probe of whether the merchant verifies: `WECHATPAY/SIGNTEST/...`."""
    ALTERED = "altered"
    """One byte of the body changed after signing."""
    ALTERED_AMOUNT = "altered-amount"
    """The amount changed after signing, where it can be read; sealed with a guessed key where it cannot."""
    OTHER_MERCHANT = "other-merchant"
    """Signed rightly by the provider, for another merchant."""
    OTHER_APP = "other-app"
    UNKNOWN_SERIAL = "unknown-serial"
    REPLAYED_NONCE = "replayed-nonce"
    """The headers of a true callback over another body."""


class PayOrders(Orders):
    """How the next callbacks, answers and statements go; `Orders` says what calls may be told.

    lose: callbacks that are never sent. repeat: how often each is sent once more. callback_delay_seconds: before each.
    reorder: so many callbacks are held back, then sent in the opposite order. forge: sent before every true callback.
    sign_with: what WeChat Pay signs callbacks with. rotate: WeChat Pay takes a new certificate now. statement: how the
    statements disagree with what happened. refunds: what becomes of refunds.
    """

    lose: int = Field(default=0, ge=0)
    repeat: int = Field(default=0, ge=0, le=20)
    callback_delay_seconds: float = Field(default=0, ge=0, le=600)
    reorder: int = Field(default=0, ge=0, le=1000)
    forge: tuple[Forgery, ...] = ()
    sign_with: Literal["certificate", "public_key"] = "certificate"
    rotate: bool = False
    statement: frozenset[Literal["missing", "extra", "amount", "cut", "late"]] = frozenset()
    refunds: Literal["done", "waiting", "failed"] = "done"


class Tally(Counter[str]):
    """What the stand-ins did: callbacks `sent`, `taken`, `refused`, `lost`, `forged`, `forged_taken`, `given_up`."""
