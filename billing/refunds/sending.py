"""Sending approved refunds to their providers, and asking what became of those that were taken on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gridhall.billing.payments.port import OnlineProvider, ProviderUnavailableError, RefundOrder, RefundTold
from gridhall.billing.refunds.model import Refund, State
from gridhall.billing.refunds.operations import Refunds, told
from gridhall.kit.log import logger
from gridhall.kit.mongo import Transaction

_AT_ONCE: Final = 100
_log = logger("billing.refunds")


async def follow(*, refunds: Refunds, providers: Mapping[str, OnlineProvider], now: datetime) -> int:
    """Send and ask about the online refunds whose turn has come; return how many were looked at.

    A refund keeps its number, so that one sent twice is one refund. What a provider does not answer has its turn
    again, later each time; so has one with which anything else goes wrong, which stops none of the others.
    """
    looked = 0
    while due := await refunds.refunds.due(before=now, limit=_AT_ONCE):
        for refund in due:
            try:
                answer = await _ask(refund, providers)
                if answer is not None:
                    await told(refunds=refunds, told=answer, now=now)
            except Exception:  # noqa: BLE001 - logged whole; raised, it would stop every refund behind it for ever
                _log.exception("a refund could not be followed", number=refund.number)
                answer = None
            if answer is None:
                await _postpone(refunds, refund, now=now)
        looked += len(due)
    return looked


async def _ask(refund: Refund, providers: Mapping[str, OnlineProvider]) -> RefundTold | None:
    if refund.origin is None or refund.origin.provider not in providers:
        _log.error("refund without a provider", number=refund.number)
        return None
    provider = providers[refund.origin.provider]
    try:
        if refund.state is State.ACCEPTED:
            return await provider.query_refund(refund.number, trade_number=refund.origin.trade_number)
        origin = refund.origin
        order = RefundOrder(refund.number, origin.trade_number, refund.amount, origin.total, refund.reason)
        return await provider.refund(order)
    except ProviderUnavailableError as error:
        _log.warning("refund not answered", number=refund.number, reason=str(error))
        return None


async def _postpone(refunds: Refunds, refund: Refund, *, now: datetime) -> None:
    async def work(transaction: Transaction) -> None:
        fresh = (await refunds.refunds.load([refund.number], transaction=transaction))[refund.number]
        if fresh.state is refund.state:
            await refunds.refunds.put(fresh.later(state=fresh.state, now=now), transaction=transaction)

    await refunds.payments.mongo.transact(work)
