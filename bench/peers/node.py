"""Node's packages of the mercurius peer, installed at the first bench, and not by two at once."""

import fcntl
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent / "mercurius"


def missing() -> str | None:
    """Install what package-lock.json pins, unless it is there; return why the peer cannot run, or None."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "node or npm is not on PATH"
    with (FOLDER / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted, installed = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".installed"
        if installed.exists() and installed.read_bytes() == wanted.read_bytes():
            return None
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        if done.returncode:
            return f"npm ci failed: {done.stderr.strip()[-300:]}"
        shutil.copy(wanted, installed)
    return None
