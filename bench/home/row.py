"""The row: three servers on one database, equal answers first, then load on one after another."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench import town
from bench.ground import Ground
from bench.home.query import DAYS, body
from bench.peers import node
from bench.peers.catalogue import for_peers
from bench.processes import Server, python
from bench.result import OURS, Result
from bench.rounds import Sample, in_turns
from gridhall.api.state import State
from gridhall.kit.console import errors
from gridhall.kit.embedded.process import free_port
from gridhall.kit.keys import token_seed
from gridhall.kit.localdays import Days, Month, local_day
from gridhall.kit.settings import Settings
from gridhall.notifications.triggers.bills import tell_issued_bills

_DATABASE = "bench_home"
_CLIENTS = 16
_COMPARED = 40
_BUSY = 0.7
_SERVE = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")

Serving = dict[str, Server]


async def run(ground: Ground) -> list[Result]:
    """Fill the town, start gridhall and its peers, compare their answers, load them in turns."""
    chosen = ground.on(_DATABASE, access_token_minutes=60)
    async with ground.open(_DATABASE, access_token_minutes=60) as state:
        today = local_day(state.clock.now(), chosen.time_zone)
        tokens = await _fill(state, count=ground.size(200, 60), today=today)
    folder = chosen.data_dir / "load"
    folder.mkdir()
    (folder / "tokens").write_text("\n".join(tokens))
    (folder / "body").write_bytes(body(today))
    with ExitStack() as stack:
        serving = _start(stack, chosen, today)
        await _compare(serving, tokens[:_COMPARED], body(today))
        subjects = {name: _load(name, server, folder, ground.size(5, 2)) for name, server in serving.items()}
        return await in_turns("home query", subjects, rounds=ground.rounds)


async def _fill(state: State, *, count: int, today: date) -> list[str]:
    """Make homes with bills of ten months and readings since, and return an access token of each customer."""
    months = [Month.of(today).shift(-back) for back in range(10, 0, -1)]
    homes, now = town.homes(count), state.clock.now()
    await town.settle(state, homes, since=months[0].first)
    customers = await town.people(state, homes, now=now)
    await town.read_registers(state, homes, months)
    await town.read_curves(state, homes, Days(min(Month.of(today).first, today - timedelta(days=DAYS)), today))
    for month in months:
        await town.bill(state, month)
    newsroom = state.hall.post_room.newsroom
    events = await newsroom.outbox.waiting(before=state.clock.now() + timedelta(seconds=1), limit=count * len(months))
    await tell_issued_bills(
        newsroom=newsroom, event_ids=[one.id for one in events if one.kind == "billing.bill_issued"], now=now
    )
    return [state.access_tokens.sign(customer, now=now).text for customer in customers]


def _start(stack: ExitStack, chosen: Settings, today: date) -> Serving:
    facts = chosen.data_dir / "facts.json"
    facts.write_bytes(orjson.dumps(_facts(chosen, today)))
    names = ("mongo_uri", "redis_uri", "mongo_database", "data_dir", "access_token_minutes")
    environment = {f"GRIDHALL_{name.upper()}": str(getattr(chosen, name)) for name in names}
    environment["BENCH_FACTS"] = str(facts)

    def start(name: str, command: Sequence[str], port: int, folder: Path | None = None) -> Server:
        log = chosen.data_dir / f"{name}.log"
        changed = {**environment, "BENCH_PORT": str(port)}
        return stack.enter_context(Server.started(command, port=port, log=log, environment=changed, folder=folder))

    ours, router, mercurius = free_port(), free_port(), free_port()
    serve = ("uvicorn", *_SERVE, "--port")
    serving = {
        OURS: start("api", python(*serve, str(ours), "--factory", "gridhall.api.app:create_app"), ours),
        "strawberry, FastAPI's router": start(
            "router", python(*serve, str(router), "bench.peers.strawberry_router:app"), router
        ),
    }
    reason = node.missing()
    if reason:
        errors.print(f"mercurius is left out: {reason}", highlight=False)
    else:
        serving["mercurius with jit"] = start("mercurius", ["node", "server.js"], mercurius, node.FOLDER)
    return serving


def _facts(chosen: Settings, today: date) -> dict[str, object]:
    public = Ed25519PrivateKey.from_private_bytes(token_seed(chosen)).public_key()
    return {
        **for_peers(tariff=town.TARIFF, today=today),
        "today": today.isoformat(),
        "key": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "iss": chosen.token_issuer,
        "aud": chosen.token_audience,
    }


async def _compare(serving: Serving, tokens: Sequence[str], question: bytes) -> None:
    """Ask all of them for the same customers. Raises RuntimeError where two answers differ."""
    async with httpx.AsyncClient(timeout=30) as http:
        for token in tokens:
            answers = {name: await _answer(http, server, token, question) for name, server in serving.items()}
            ours = answers[OURS]
            if "errors" in ours or not ours["data"]["viewer"]["accounts"][0]["bills"]["edges"]:
                raise RuntimeError(f"the home query was not answered: {ours}")
            for name, answer in answers.items():
                if answer != ours:
                    raise RuntimeError(f"{name} answers {answer}, gridhall {ours}")


async def _answer(http: httpx.AsyncClient, server: Server, token: str, question: bytes) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answer = await http.post(f"http://127.0.0.1:{server.port}/graphql", content=question, headers=headers)
    told: dict[str, Any] = answer.json()
    return told


def _load(name: str, server: Server, folder: Path, seconds: int) -> Callable[[int], Awaitable[Sample]]:
    async def sample(_round: int) -> Sample:
        arguments = (str(server.port), str(seconds), str(_CLIENTS), str(folder))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.home.loading", *arguments, stdout=asyncio.subprocess.PIPE
        )
        cpu = server.cpu()
        out, _ = await process.communicate()
        cpu = server.cpu() - cpu
        if process.returncode:
            raise RuntimeError(f"the load on {name} broke off")
        found = orjson.loads(out)
        if found["busy"] > _BUSY:
            errors.print(f"{name}: the load itself was busy for {found['busy']:.0%} of its time", highlight=False)
        asked = len(found["each_ms"])
        # The server's CPU is of the warming-up too.
        return Sample(asked, found["seconds"], cpu * asked / (asked + found["warm"]), found["each_ms"])

    return sample
