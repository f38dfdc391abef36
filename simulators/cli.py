"""`gridhall simulators`: runs the stand-ins, and tells those of the payment what to do wrong."""

import asyncio
import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich import print as say

from gridhall.kit.console import refuse
from gridhall.kit.pems import private_key
from gridhall.kit.settings import Settings, settings
from gridhall.simulators.app import serve
from gridhall.simulators.field import FieldOrders, FieldSystem
from gridhall.simulators.paying.deliveries import DEMO_SCALE
from gridhall.simulators.paying.keys import PayKeys
from gridhall.simulators.paying.orders_to_fail import Forgery, PayOrders
from gridhall.simulators.tax import tax_key

app = typer.Typer(
    help="Stand-ins for mail, SMS, WeChat and online payment, with the page that shows what customers received."
)


@app.callback(invoke_without_command=True)
def simulators(
    ctx: typer.Context,
    *,
    http_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of the page, the SMS, WeChat and the payment.")
    ] = 2580,
    smtp_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the mail server; GRIDHALL_MAIL_PORT where absent.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    keep_in: Annotated[Path | None, typer.Option(help="Folder that keeps the messages over a restart.")] = None,
    callback_scale: Annotated[
        float, typer.Option(min=0.0001, max=1, help="How much of the providers' pauses between callbacks is waited.")
    ] = DEMO_SCALE,
) -> None:
    """Run the stand-ins until interrupted."""
    if ctx.invoked_subcommand is not None:
        return
    chosen = settings()
    smtp_port = smtp_port or chosen.mail_port
    say(f"phone  http://{host}:{http_port}/phone\nSMTP   {host}:{smtp_port}")

    async def until_told_to_stop() -> None:
        running = asyncio.create_task(
            serve(
                http_port=http_port,
                smtp_port=smtp_port,
                sms_access_key_id=chosen.sms_access_key_id,
                sms_access_key_secret=chosen.sms_access_key_secret.get_secret_value(),
                wechat_appid=chosen.wechat_appid,
                wechat_secret=chosen.wechat_secret.get_secret_value(),
                host=host,
                keep_in=keep_in,
                pay=pay_keys(chosen),
                callback_scale=callback_scale,
                tax=tax_key(chosen.data_dir / "keys"),
            )
        )
        for told in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(told, running.cancel)
        with suppress(asyncio.CancelledError):
            await running

    asyncio.run(until_told_to_stop())


@app.command("pay")
def tell(
    *,
    lose: Annotated[int, typer.Option(min=0, help="Callbacks that are never sent.")] = 0,
    repeat: Annotated[int, typer.Option(min=0, max=20, help="How often each is sent once more.")] = 0,
    delay: Annotated[float, typer.Option(min=0, max=600, help="Seconds before each.")] = 0,
    reorder: Annotated[int, typer.Option(min=0, help="Hold back so many, then send the newest first.")] = 0,
    forge: Annotated[list[Forgery] | None, typer.Option(help="Send this before every true one.")] = None,
    status: Annotated[int | None, typer.Option(min=400, max=599, help="Answer the next calls with this.")] = None,
    times: Annotated[int, typer.Option(min=1, help="How many calls --status is for.")] = 1,
    answer_delay: Annotated[float, typer.Option(min=0, max=60, help="Seconds before every answer.")] = 0,
    statement: Annotated[
        list[str] | None, typer.Option(help="missing, extra, amount, cut, late: how statements disagree.")
    ] = None,
    refunds: Annotated[str, typer.Option(help="done, waiting or failed: what becomes of refunds.")] = "done",
) -> None:
    """Tell the running payment stand-ins what to do wrong; without options, nothing. Shows what they did so far."""
    said = {
        "lose": lose,
        "repeat": repeat,
        "callback_delay_seconds": delay,
        "reorder": reorder,
        "forge": forge or [],
        "status": status,
        "times": times,
        "delay_seconds": answer_delay,
        "statement": statement or [],
        "refunds": refunds,
    }
    try:
        orders = PayOrders.model_validate(said).model_dump_json()
        answer = httpx.post(f"{settings().wechatpay_url}/pay/control", content=orders, trust_env=False)
        say(answer.raise_for_status().json())
    except ValueError as error:
        raise refuse(str(error)) from None
    except httpx.HTTPError:
        raise refuse(f"no stand-in answers at {settings().wechatpay_url}; start `gridhall simulators`") from None


@app.command("field")
def field_system(
    *,
    token: Annotated[str, typer.Option(help="Of `gridhall field client add`.", envvar="GRIDHALL_FIELD_TOKEN")],
    url: Annotated[str, typer.Option(help="Where gridhall's API listens.")] = "http://127.0.0.1:8000",
    every: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds between polls.")] = 5,
    lose: Annotated[int, typer.Option(min=0, help="Requests that are taken and never told of.")] = 0,
    ignore: Annotated[int, typer.Option(min=0, help="Requests that are not even taken.")] = 0,
    fail: Annotated[int, typer.Option(min=0, help="Requests that are told as failed.")] = 0,
) -> None:
    """Act as a region's field system until interrupted: take what is asked, and do it."""

    async def work() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as http:
            orders = FieldOrders(lose=lose, ignore=ignore, fail=fail)
            await FieldSystem(http, token, orders).run(every_seconds=every)

    with suppress(KeyboardInterrupt):
        asyncio.run(work())


def pay_keys(chosen: Settings) -> PayKeys:
    """Return the contracts of the payment stand-ins as a deployment's settings name the other side."""
    kept = PayKeys.kept(
        chosen.data_dir / "keys",
        mchid=chosen.wechatpay_mchid,
        appid=chosen.wechat_appid,
        serial=chosen.wechatpay_serial,
        app_id=chosen.alipay_app_id,
        seller_id=chosen.alipay_seller_id,
    )
    wechatpay, alipay = kept.wechatpay, kept.alipay
    if chosen.wechatpay_key is not None:
        given = private_key(chosen.wechatpay_key.get_secret_value().encode(), named="GRIDHALL_WECHATPAY_KEY")
        wechatpay = replace(wechatpay, merchant=given.public_key())
    if chosen.wechatpay_v3_key is not None:
        wechatpay = replace(wechatpay, v3_key=chosen.wechatpay_v3_key.get_secret_value().encode())
    if chosen.alipay_key is not None:
        given = private_key(chosen.alipay_key.get_secret_value().encode(), named="GRIDHALL_ALIPAY_KEY")
        alipay = replace(alipay, merchant=given.public_key())
    return PayKeys(wechatpay, alipay)
