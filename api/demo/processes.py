"""The processes of the demo: started together, watched, stopped together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_STOP_SECONDS = 20
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Processes:
    """Child processes with a log file each. They are told to end when this process dies, however it does."""

    logs: Path
    environment: Mapping[str, str]
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, module: str, *arguments: str) -> None:
        """Run `python -m module arguments`."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own commands
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no threads run yet when children are started
            )

    def ended(self) -> Sequence[str]:
        """Return the names of the processes that have ended."""
        return [name for name, process in self._running.items() if process.poll() is not None]

    def log_of(self, name: str) -> Path:
        """Return where a process writes."""
        return self.logs / f"{name}.log"

    def stop(self) -> None:
        """Ask all of them to end, the last started first, and make those end that do not."""
        for process in reversed(self._running.values()):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(_STOP_SECONDS)
        self._running.clear()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
