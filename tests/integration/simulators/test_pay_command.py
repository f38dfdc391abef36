"""`gridhall simulators pay`: telling the payment stand-ins what to do wrong."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from typer.testing import CliRunner, Result

from gridhall.kit.settings import Settings
from gridhall.simulators import cli
from gridhall.simulators.app import running
from tests.factories.paying import pay_keys


@pytest.fixture
async def url(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    async with running(pay=pay_keys(), sms_access_key_id="k", sms_access_key_secret="s") as stands:
        monkeypatch.setattr(cli, "settings", lambda: Settings(wechatpay_url=stands.wechatpay_url))
        yield stands.wechatpay_url


async def said(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, cli.app, ["pay", *arguments])


async def test_it_tells_and_shows_what_was_done(url: str) -> None:
    for arguments in ((), ("--lose", "2", "--forge", "probe"), ("--statement", "extra", "--status", "503")):
        result = await said(*arguments)
        assert (result.exit_code, "callbacks" in result.output) == (0, True), (url, result.output)


async def test_what_it_does_not_know_is_refused_by_name(url: str) -> None:
    result = await said("--statement", "nonsense")
    assert result.exit_code != 0, url
    assert "statement" in result.output


async def test_without_stand_ins_it_says_what_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "settings", lambda: Settings(wechatpay_url="http://127.0.0.1:9"))
    result = await said()
    assert result.exit_code != 0
    assert "gridhall simulators" in result.output
