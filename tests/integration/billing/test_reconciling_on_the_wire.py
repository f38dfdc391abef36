"""Statements fetched from both stand-ins, reconciled line by line, and told to disagree."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gridhall.billing.cases.model import CaseKind
from gridhall.billing.cases.repository import Wanted
from gridhall.billing.payments.port import StatementNotReadyError
from gridhall.billing.reconciliation.model import Difference
from gridhall.billing.reconciliation.operations import reconcile
from gridhall.billing.services import Billing
from gridhall.kit.localdays import local_day
from tests.factories.online import START, OnlineTill, an_online_till
from tests.factories.paying import confirm_in_wechat, confirm_page, tell

PAYMENTS = 3


@pytest.fixture
async def till(billing: Billing) -> AsyncIterator[OnlineTill]:
    """Three payments at either provider, of which no callback came."""
    async with an_online_till(billing) as opened:
        for at in range(PAYMENTS):
            await confirm_page(opened.http, str((await opened.started("alipay", key=f"a{at}")).intent.pay_url))
            client = (await opened.started("wechatpay", key=f"w{at}")).intent.client
            await confirm_in_wechat(opened.http, opened.stands, client)
        yield opened


async def reconciled(till: OnlineTill, provider: str, *wrong: str) -> dict[Difference, int]:
    """Reconcile the day of the payments at noon of the next, and return how often what differs."""
    await tell(till.http, till.stands, statement=list(wrong))
    till.clock.at = START + timedelta(days=1, hours=12)
    done = await reconcile(
        reconciling=till.billing.reconciling,
        provider=till.providers[provider],
        day=local_day(START, "Asia/Shanghai"),
        now=till.clock.at,
    )
    found = [one.difference for one in done.differences]
    return {one: found.count(one) for one in set(found)}


@pytest.mark.parametrize("provider", ["wechatpay", "alipay"])
async def test_money_of_which_nothing_was_told_is_found_in_the_statement(till: OnlineTill, provider: str) -> None:
    with pytest.raises(StatementNotReadyError):
        await till.providers[provider].statement(local_day(START, "Asia/Shanghai"))
    assert await reconciled(till, provider) == {}
    assert await till.prepaid() == PAYMENTS * 10_000
    assert await reconciled(till, provider) == {}
    assert await till.prepaid() == PAYMENTS * 10_000


@pytest.mark.parametrize("provider", ["wechatpay", "alipay"])
async def test_a_statement_that_disagrees_opens_a_case_of_each_difference(till: OnlineTill, provider: str) -> None:
    await till.ask(minutes=1)
    assert await reconciled(till, provider, "missing") == {Difference.THEIRS_MISSING: 1}
    assert await reconciled(till, provider, "amount") == {Difference.AMOUNT_DIFFERS: 1}
    assert await reconciled(till, provider, "extra") == {Difference.OURS_MISSING: 1}
    wanted = Wanted(region="zhejiang", kinds=(CaseKind.STATEMENT_DIFFERENCE,))
    cases = await till.billing.cases.cases.page(wanted, after=None, limit=20)
    assert sorted(dict(case.evidence)["difference"] for case in cases) == sorted(
        [Difference.THEIRS_MISSING, Difference.AMOUNT_DIFFERS, Difference.OURS_MISSING]
    )
    assert await till.prepaid() == 2 * PAYMENTS * 10_000
