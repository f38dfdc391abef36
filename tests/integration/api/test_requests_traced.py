"""A request is traced by its id into the jobs that come of it."""

from collections.abc import Mapping
from datetime import timedelta

import httpx

from gridhall.api.state import State
from gridhall.kit.log import current_request_id
from gridhall.kit.outbox import Outbox, relay
from gridhall.workers import names


class Noting:
    """Notes under which request each job was queued."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, str | None, int]] = []

    async def send(self, name: str, /, **payload: object) -> None:
        ids = payload["event_ids"]
        assert isinstance(ids, list)
        self.jobs.append((name, current_request_id(), len(ids)))


async def ask_code(http: httpx.AsyncClient, phone: str, headers: Mapping[str, str]) -> None:
    assert (await http.post("/v1/sign-in/code", json={"phone": phone}, headers=headers)).status_code == 202


async def test_jobs_are_queued_under_the_request_that_caused_them(http: httpx.AsyncClient, state: State) -> None:
    await ask_code(http, "13800000001", {"X-Request-ID": "first"})
    await ask_code(http, "13800000002", {"X-Request-ID": "second"})
    await ask_code(http, "13800000003", {"X-Request-ID": "first"})
    queue, now = Noting(), state.clock.now()
    await relay(
        outbox=Outbox(state.mongo), queue=queue, routes=names.EVENT_ROUTES, before=now + timedelta(seconds=1), now=now
    )
    assert sorted(queue.jobs, key=str) == [(names.TELL_CODES, "first", 2), (names.TELL_CODES, "second", 1)]
