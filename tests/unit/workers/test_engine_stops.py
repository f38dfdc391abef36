"""A job that is stopped stops what it was doing."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from gridhall.workers.engine import Engine


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine that has its loop and no rooms."""
    engine = Engine.__new__(Engine)
    engine._loop = asyncio.new_event_loop()
    thread = threading.Thread(target=engine._loop.run_forever, daemon=True)
    thread.start()
    yield engine
    engine._loop.call_soon_threadsafe(engine._loop.stop)
    thread.join()
    engine._loop.close()


class TimeLimitError(Exception):
    pass


def test_work_ends_with_the_wait_for_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    async def without_end() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    submit = asyncio.run_coroutine_threadsafe

    def limited(work, loop):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - as asyncio's own
        running = submit(work, loop)
        submit(asyncio.sleep(0.01), loop).result()

        def interrupted() -> None:
            raise TimeLimitError

        monkeypatch.setattr(running, "result", interrupted)
        return running

    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", limited)
    with pytest.raises(TimeLimitError):
        engine.run(without_end())
    assert ended.wait(5)
