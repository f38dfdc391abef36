"""Consumers of the feed's stream in processes of their own, which may be killed at any moment."""

import os
import random
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.processes import environment
from gridhall.kit.settings import Settings

_COMMAND: Final = (sys.executable, "-c", "from gridhall.metering.cli import app; app()", "consume")
_STOP_SECONDS: Final = 20


@dataclass(slots=True)
class Consumers:
    """Some consumers of one stream, with one log."""

    settings: Settings
    log: Path
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Start one more."""
        with self.log.open("ab") as log:
            self._running.append(
                subprocess.Popen(  # noqa: S603 - our own command
                    _COMMAND, stdout=log, stderr=log, env={**os.environ, **environment(self.settings)}
                )
            )

    def some_of(self, names: Collection[str]) -> list[subprocess.Popen[bytes]]:
        """Return those that run now and have one of the names."""
        return [one for one in self._running if any(name.endswith(f"-{one.pid}") for name in names)]

    def kill_one(self, chance: random.Random, *, among: Collection[str]) -> bool:
        """Kill (SIGKILL) a consumer whose name is among those that hold entries, and start another in its place.

        Returns False where none of those lives.
        """
        busy = self.some_of(among)
        if not busy:
            return False
        victim = chance.choice(busy)
        victim.kill()
        victim.wait()
        self._running.remove(victim)
        self.start()
        return True

    def stop(self) -> list[int]:
        """Ask all of them to end and return how they did."""
        for one in self._running:
            one.terminate()
        codes = []
        for one in self._running:
            try:
                codes.append(one.wait(_STOP_SECONDS))
            except subprocess.TimeoutExpired:
                one.kill()
                codes.append(one.wait())
        self._running.clear()
        return codes

    def fail_if_one_ended(self) -> None:
        """Raise RuntimeError with the end of the log where one ended by itself."""
        if any(one.poll() is not None for one in self._running):
            raise RuntimeError(f"a consumer ended by itself: {self.log.read_text()[-2000:]}")
