"""Servers in processes of their own, whose CPU can be read."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from gridhall.kit.embedded.process import answers, end_process
from gridhall.kit.settings import Settings

_READY_SECONDS = 60


def python(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module."""
    return [sys.executable, "-m", module, *arguments]


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens on a port of the loopback."""

    pid: int
    port: int

    @classmethod
    @contextmanager
    def started(
        cls,
        command: Sequence[str],
        *,
        port: int,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Iterator["Server"]:
        """Run a server for as long as the context lasts. Raises RuntimeError with its log where it does not come up."""
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                command, stdout=output, stderr=output, env={**os.environ, **(environment or {})}, cwd=folder
            )
        try:
            deadline = time.monotonic() + _READY_SECONDS
            while not answers(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{' '.join(command)} did not come up: {log.read_text()[-2000:]}")
                time.sleep(0.05)
            yield cls(process.pid, port)
        finally:
            end_process(process.pid)
            process.wait()

    def cpu(self) -> float:
        """Return the CPU seconds that the server and its children used so far."""
        whole = psutil.Process(self.pid)
        times = [one.cpu_times() for one in (whole, *whole.children(recursive=True))]
        return sum(one.user + one.system for one in times)


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment variables that give another process what was set here."""
    changed = settings.model_dump(include=settings.model_fields_set, exclude_none=True)
    return {f"GRIDHALL_{name.upper()}": str(value) for name, value in changed.items()}
