"""`gridhall demo`: the whole service on this machine, with real servers, stand-ins and a year of data."""

import asyncio
import fcntl
import signal
import time
from collections.abc import Sequence
from typing import IO

import httpx
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gridhall.api.demo.people import Resident
from gridhall.api.demo.processes import Processes
from gridhall.api.demo.seed import seed
from gridhall.api.demo.summary import print_summary
from gridhall.api.state import open_state
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import console, errors, refuse
from gridhall.kit.embedded import start_servers
from gridhall.kit.embedded.process import free_port
from gridhall.kit.localdays import Month, local_day
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings, settings
from gridhall.workers.names import QUEUES

_READY_SECONDS = 60
_PHONE_PORT, _SMTP_PORT = 2580, 2525
_held: list[IO[str]] = []
"""The lock of this demo; it is let go when the process ends, however it ends."""
_WORKER_QUEUES = ",".join(sorted({*QUEUES.values(), "default"}))


def demo() -> None:
    """Start everything, fill it, print one table, and run until interrupted."""
    began = time.monotonic()
    chosen = settings()
    _be_the_only_one(chosen)
    servers = start_servers(data_dir=chosen.data_dir, mongo_uri=chosen.mongo_uri, redis_uri=chosen.redis_uri)
    processes: Processes | None = None
    try:
        chosen = _with_addresses(chosen, servers.mongo_uri, servers.redis_uri)
        processes = Processes(chosen.data_dir / "logs", _environment(chosen))
        _start(processes, chosen)
        phone_url = chosen.sms_url.removesuffix("/sms") + "/phone"
        _wait(processes, [f"{chosen.public_url}/health/ready", phone_url])
        people = asyncio.run(_fill(chosen, phone_url))
        month = Month.of(local_day(SystemClock().now(), chosen.time_zone)).shift(-1)
        print_summary(
            console,
            api_url=chosen.public_url,
            phone_url=phone_url,
            people=people,
            month=month,
            took=time.monotonic() - began,
        )
        _watch(processes)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if processes:
            processes.stop()
        servers.stop()


def _be_the_only_one(chosen: Settings) -> None:
    """Hold a lock on the data folder until the end: two demos on one broker would take each other's jobs.

    Raises typer.Exit where another demo runs on it.
    """
    chosen.data_dir.mkdir(parents=True, exist_ok=True)
    lock = (chosen.data_dir / "demo.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise refuse(
            f"a demo already runs on {chosen.data_dir}; stop it, or name another folder in GRIDHALL_DATA_DIR"
        ) from None
    _held.append(lock)


def _with_addresses(chosen: Settings, mongo_uri: str, redis_uri: str) -> Settings:
    """Return the settings with the first free ports, from the usual ones on."""
    api, phone, smtp = free_port(chosen.api_port), free_port(_PHONE_PORT), free_port(_SMTP_PORT)
    return chosen.model_copy(
        update={
            "mongo_uri": mongo_uri,
            "redis_uri": redis_uri,
            "api_port": api,
            "public_url": f"http://127.0.0.1:{api}",
            "mail_port": smtp,
            "quiet_hours": "",  # whoever tries the demo at night wants to see what is sent
            "sms_url": f"http://127.0.0.1:{phone}/sms",
            "wechatpay_url": f"http://127.0.0.1:{phone}",
            "alipay_url": f"http://127.0.0.1:{phone}/gateway.do",
            "wechat_url": f"http://127.0.0.1:{phone}/wechat",
            "tax_url": f"http://127.0.0.1:{phone}/tax",
        }
    )


def _environment(chosen: Settings) -> dict[str, str]:
    names = (
        "mongo_uri",
        "redis_uri",
        "api_port",
        "public_url",
        "mail_port",
        "quiet_hours",
        "sms_url",
        "wechatpay_url",
        "alipay_url",
        "wechat_url",
        "tax_url",
        "data_dir",
    )
    return {f"GRIDHALL_{name.upper()}": str(getattr(chosen, name)) for name in names}


def _start(processes: Processes, chosen: Settings) -> None:
    phone = str(chosen.data_dir / "phone")
    phone_port = str(httpx.URL(chosen.sms_url).port)
    processes.start("simulators", "gridhall.api.cli", "simulators", "--http-port", phone_port, "--keep-in", phone)
    processes.start(
        "api",
        "uvicorn",
        *("gridhall.api.app:create_app", "--factory", "--host", chosen.api_host, "--port", str(chosen.api_port)),
        *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"),
    )
    celery = ("celery", "-A", "gridhall.workers.app")
    processes.start(
        "worker", *celery, "worker", "--concurrency", "1", "--queues", _WORKER_QUEUES, "--loglevel", "WARNING"
    )
    processes.start("feed-stream", "gridhall.api.cli", "feed", "consume")
    schedule = str(chosen.data_dir / "beat-schedule")
    processes.start("beat", *celery, "beat", "--schedule", schedule, "--pidfile", "", "--loglevel", "WARNING")


def _wait(processes: Processes, urls: Sequence[str]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    for url in urls:
        while True:
            _fail_if_ended(processes)
            try:
                if httpx.get(url, timeout=2).is_success:
                    break
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline:
                errors.print(f"{url} did not answer within {_READY_SECONDS} s; see {processes.logs}")
                raise typer.Exit(1)
            time.sleep(0.1)


async def _fill(chosen: Settings, phone_url: str) -> Sequence[Resident]:
    mongo = Mongo.connect(uri=str(chosen.mongo_uri), database=chosen.mongo_database, driver=chosen.mongo_driver)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        async with open_state(chosen, mongo=mongo) as state:
            with Progress(*columns, console=errors) as progress:
                return await seed(state, api_url=chosen.public_url, phone_url=phone_url, progress=progress)
    finally:
        await mongo.close()


def _watch(processes: Processes) -> None:
    """Return when interrupted. Raises typer.Exit where a process ends by itself."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    while not stopping:
        _fail_if_ended(processes)
        time.sleep(0.5)


def _fail_if_ended(processes: Processes) -> None:
    for name in processes.ended():
        errors.print(f"{name} ended by itself; its log is {processes.log_of(name)}")
        raise typer.Exit(1)
