"""One embedded server process: started, recognised again, adopted or left to its owner, stopped."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_STOP_SECONDS = 20
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers on `port`. `owned` says that this process has to stop it."""

    pid: int
    port: int
    owned: bool

    def stop(self) -> None:
        """Ask the server to end, and make it end where it does not; a server that somebody else owns is left."""
        if self.owned:
            end_process(self.pid)


class Folder:
    """The data folder of one server, with the files that tell who runs it: `port`, `pid` and `owner`."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.path.mkdir(parents=True, exist_ok=True)

    def port(self) -> int:
        """Return the port kept in the folder, or a free one that is kept from now on."""
        kept = self._number("port")
        if kept is None:
            kept = free_port()
            self.keep_port(kept)
        return kept

    def keep_port(self, port: int) -> None:
        """Keep another port."""
        (self.path / "port").write_text(str(port))

    def living(self) -> int | None:
        """Return the pid of the server that runs on this folder, if one does."""
        pid = self._number("pid")
        if pid is None:
            return None
        try:
            command = psutil.Process(pid).cmdline()
        except psutil.Error:
            return None
        return pid if any(str(self.path) in word for word in command) else None

    def adopt(self, *, pid: int, port: int) -> Running:
        """Take over a living server: an orphan becomes ours, one whose owner lives stays the owner's."""
        owner = self._number("owner")
        if owner is not None and owner != os.getpid() and psutil.pid_exists(owner):
            return Running(pid=pid, port=port, owned=False)
        (self.path / "owner").write_text(str(os.getpid()))
        return Running(pid=pid, port=port, owned=True)

    def launch(self, command: Sequence[str], *, port: int, ready: Callable[[], bool], seconds: float) -> Running:
        """Start the server and wait until it is ready. Raises ServerFailedError with the end of its log."""
        log = self.path / "server.log"
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - the command is our own
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        (self.path / "pid").write_text(str(process.pid))
        (self.path / "owner").write_text(str(os.getpid()))
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            if ready():
                return Running(pid=process.pid, port=port, owned=True)
            time.sleep(_POLL_SECONDS)
        end_process(process.pid)
        raise ServerFailedError(f"{command[0]} did not become ready; its log ends: {_tail(log)}")

    def _number(self, name: str) -> int | None:
        try:
            return int((self.path / name).read_text())
        except (OSError, ValueError):
            return None


def end_process(pid: int) -> None:
    """End a process by SIGTERM, and by SIGKILL where it does not heed it within 20 s."""
    try:
        process = psutil.Process(pid)
        process.send_signal(signal.SIGTERM)
        process.wait(_STOP_SECONDS)
    except psutil.TimeoutExpired:
        with contextlib.suppress(psutil.Error):
            process.kill()
            process.wait(_STOP_SECONDS)
    except psutil.Error:
        return


def free_port(start: int | None = None) -> int:
    """Return a port of the loopback that is free now; the first free one from `start` where that is given."""
    candidates = range(start, start + 200) if start is not None else (0,)
    for candidate in candidates:
        with socket.socket() as probe:
            # As servers do: what a server that just ended left behind does not make its port taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ServerFailedError(f"no free port from {start} on")


def answers(port: int) -> bool:
    """Say whether something listens on a port of the loopback."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-600:].strip()


class ServerFailedError(RuntimeError):
    """An embedded server ended, or did not answer in time."""
