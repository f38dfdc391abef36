"""The embedded servers, on folders of their own: started, found again, taken over, moved."""

import os
import socket
import socketserver
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import pytest
from pymongo import MongoClient
from redis import Redis

from gridhall.kit.embedded import EmbeddedServers, start_servers
from gridhall.kit.embedded.process import Folder, Running, ServerFailedError, end_process, free_port

GIVEN = "mongodb://given"

OTHER_PROCESS = """
import sys, time
from pathlib import Path
from gridhall.kit.embedded import start_servers
servers = start_servers(data_dir=Path(sys.argv[1]), mongo_uri="mongodb://given", redis_uri=None)
print(servers.running[0].pid, flush=True)
time.sleep(60)
"""

Start = Callable[..., EmbeddedServers]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start Valkey, or also mongod, on the test's folder; whatever runs there at the end is ended."""

    def both(*, mongod: bool = False) -> EmbeddedServers:
        return start_servers(data_dir=tmp_path, mongo_uri=None if mongod else GIVEN, redis_uri=None)

    yield both
    for pid_file in tmp_path.glob("*/pid"):
        end_process(int(pid_file.read_text()))


@contextmanager
def another_process(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that started Valkey on the folder, with the server's pid."""
    command = (sys.executable, "-c", OTHER_PROCESS, str(folder))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own words
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


class HangsUp(socketserver.BaseRequestHandler):
    """Another service: it answers, but not as a database does."""

    def handle(self) -> None:
        self.request.sendall(b"who is there?")


@contextmanager
def squatting(port: int) -> Iterator[None]:
    """Somebody else on a port."""
    socketserver.TCPServer.allow_reuse_address = True
    with socketserver.TCPServer(("127.0.0.1", port), HangsUp) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


def pid_of(servers: EmbeddedServers) -> int:
    return servers.running[-1].pid


def people(servers: EmbeddedServers) -> list[Any]:
    with MongoClient[dict[str, Any]](servers.mongo_uri) as client:
        return list(client.test.people.find())


def test_what_a_uri_names_is_not_started(tmp_path: Path) -> None:
    servers = start_servers(data_dir=tmp_path, mongo_uri=GIVEN, redis_uri="redis://given")
    assert servers == EmbeddedServers(GIVEN, "redis://given", ())


def test_both_come_back_on_the_same_ports_with_everything_they_knew(start: Start) -> None:
    first = start(mongod=True)
    with (
        MongoClient[dict[str, Any]](first.mongo_uri) as client,
        client.start_session() as session,
        session.start_transaction(),
    ):
        client.test.people.insert_one({"_id": 1}, session=session)
    with Redis.from_url(first.redis_uri) as redis:
        redis.set("a", "b")
    first.stop()
    assert not any(psutil.pid_exists(server.pid) for server in first.running)
    second = start(mongod=True)
    assert (second.mongo_uri, second.redis_uri) == (first.mongo_uri, first.redis_uri)
    assert people(second) == [{"_id": 1}]
    with Redis.from_url(second.redis_uri) as redis:
        assert redis.get("a") == b"b"


def test_a_replica_set_whose_port_was_taken_moves_and_is_a_primary_again(start: Start) -> None:
    first = start(mongod=True)
    with MongoClient[dict[str, Any]](first.mongo_uri) as client:
        client.test.people.insert_one({"_id": 1})
    first.stop()
    with squatting(first.running[0].port):
        second = start(mongod=True)
        assert second.running[0].port != first.running[0].port
        with MongoClient[dict[str, Any]](second.mongo_uri) as client:
            client.test.people.insert_one({"_id": 2})
        assert people(second) == [{"_id": 1}, {"_id": 2}]
    second.stop()
    assert start(mongod=True).mongo_uri == second.mongo_uri


def test_valkey_moves_as_well(start: Start) -> None:
    first = start()
    first.stop()
    with squatting(first.running[0].port):
        second = start()
        assert second.redis_uri != first.redis_uri
        with Redis.from_url(second.redis_uri) as redis:
            assert redis.ping()


def test_a_server_that_runs_is_not_started_twice(start: Start) -> None:
    first, second = start(), start()
    assert (pid_of(first), first.redis_uri) == (pid_of(second), second.redis_uri)


def test_an_orphan_is_taken_over(start: Start, tmp_path: Path) -> None:
    with another_process(tmp_path) as (process, pid):
        process.kill()
        process.wait()
        servers = start()
        assert servers.running[0] == Running(pid=pid, port=servers.running[0].port, owned=True)
    servers.stop()
    assert not psutil.pid_exists(pid)


def test_the_server_of_a_living_process_is_used_and_left_to_it(start: Start, tmp_path: Path) -> None:
    with another_process(tmp_path) as (_, pid):
        servers = start()
        assert (pid_of(servers), servers.running[0].owned) == (pid, False)
        servers.stop()
        with Redis.from_url(servers.redis_uri) as redis:
            assert redis.ping()


def test_a_pid_that_now_belongs_to_somebody_else_is_not_taken_for_a_server(start: Start, tmp_path: Path) -> None:
    start().stop()
    (tmp_path / "valkey" / "pid").write_text(str(os.getpid()))
    servers = start()
    assert pid_of(servers) != os.getpid()
    with Redis.from_url(servers.redis_uri) as redis:
        assert redis.ping()


@pytest.mark.parametrize("seconds", [5.0, 0.2])
def test_a_server_that_does_not_come_up_says_what_its_log_says(tmp_path: Path, seconds: float) -> None:
    script = "echo no space left" if seconds > 1 else "echo no space left; sleep 60"
    with pytest.raises(ServerFailedError, match="no space left"):
        Folder(tmp_path).launch(["sh", "-c", script], port=1, ready=lambda: False, seconds=seconds)


def test_a_free_port_from_a_number_on_skips_those_that_are_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        if port < 65000:
            assert free_port(port) > port
