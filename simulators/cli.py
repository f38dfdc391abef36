"""`gridhall simulators`: runs the stand-ins for mail, SMS, WeChat and online payment."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich import print as say

from gridhall.kit.settings import settings
from gridhall.simulators.app import serve

app = typer.Typer(
    help="Stand-ins for mail, SMS, WeChat and online payment, with the page that shows what customers received."
)


@app.callback(invoke_without_command=True)
def simulators(
    *,
    http_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of the page, the SMS, WeChat and the payment.")
    ] = 2580,
    smtp_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the mail server; GRIDHALL_MAIL_PORT where absent.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    keep_in: Annotated[Path | None, typer.Option(help="Folder that keeps the messages over a restart.")] = None,
) -> None:
    """Run the stand-ins until interrupted."""
    chosen = settings()
    smtp_port = smtp_port or chosen.mail_port
    say(f"phone  http://{host}:{http_port}/phone\nSMTP   {host}:{smtp_port}")

    async def until_told_to_stop() -> None:
        running = asyncio.create_task(
            serve(
                http_port=http_port,
                smtp_port=smtp_port,
                pay_secret=chosen.pay_secret.get_secret_value(),
                sms_access_key_id=chosen.sms_access_key_id,
                sms_access_key_secret=chosen.sms_access_key_secret.get_secret_value(),
                wechat_appid=chosen.wechat_appid,
                wechat_secret=chosen.wechat_secret.get_secret_value(),
                host=host,
                keep_in=keep_in,
            )
        )
        for told in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(told, running.cancel)
        with suppress(asyncio.CancelledError):
            await running

    asyncio.run(until_told_to_stop())
