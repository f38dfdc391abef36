"""Make `.venv` what the development lock says: `make setup`, and the first step of every other target.

Runs before anything is installed, so it needs the standard library only, and reads under older Pythons so that it
can refuse them. Two runs side by side take turns, and the second finds the work done. uv takes half of pip's time;
where uv cannot, pip does the same from the same lock.
"""

import fcntl
import hashlib
import os
import re
import subprocess
import sys
import time
import venv
from pathlib import Path

LEAST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "locks" / "development.txt"
MADE_FROM = (ROOT / "pyproject.toml", LOCK, Path(__file__).resolve())
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".ready"
LOCKED = ("--require-hashes", "--only-binary", ":all:")


def main() -> None:
    """Bring `.venv` up to date, unless it is."""
    if sys.version_info < LEAST:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"gridhall needs Python 3.11 or newer, and {sys.executable} is {found}; try: make PYTHON=python3.12")
    with (ROOT / ".setup.lock").open("w") as lock:
        take(lock.fileno())
        place = f"Python {sys.version.split()[0]} in {VENV}"
        content = hashlib.sha256(b"\0".join(file.read_bytes() for file in MADE_FROM)).hexdigest()
        done = STAMP.read_text().splitlines() if STAMP.is_file() else []
        if done == [place, content]:
            STAMP.touch()  # make compares times, and a checkout touches files without changing them
            return
        say("setting up .venv (10 to 20 s, and what the downloads take) ...")
        started = time.monotonic()
        if done[:1] != [place]:
            venv.create(VENV, clear=True, with_pip=True)
        STAMP.unlink(missing_ok=True)
        install()
        STAMP.write_text(f"{place}\n{content}\n")
        say(f".venv is ready after {time.monotonic() - started:.0f} s")


def take(lock: int) -> None:
    """Wait for the file lock, and tell whoever has to wait."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("another set-up is under way; waiting for it ...")
        fcntl.flock(lock, fcntl.LOCK_EX)


def install() -> None:
    """Install the locked packages, none of them built here, then the project itself as it lies in the folder."""
    if not (pip("install", *LOCKED, "-r", uv_of_the_lock()) and uv("install", *LOCKED, "-r", LOCK)):
        say("uv could not install the lock; trying pip ...")
        if not pip("install", *LOCKED, "-r", LOCK):
            sys.exit("the locked packages could not be installed")
    if not pip("install", "--no-deps", "--no-build-isolation", "-e", ROOT):
        sys.exit("the project could not be installed into .venv")


def uv_of_the_lock() -> Path:
    """Write the lock's entry of uv, with its hashes, to a file of its own."""
    entry = re.search(r"^uv==[^ ]+( \\\n {4}--hash=\S+)+", LOCK.read_text(), re.MULTILINE)
    if entry is None:
        sys.exit(f"{LOCK} does not pin uv")
    path = VENV / "uv.txt"
    path.write_text(entry.group())
    return path


def pip(*words: "str | Path") -> bool:
    """Run pip without its warnings and say whether it succeeded."""
    return subprocess.run((PYTHON, "-m", "pip", *words, "-qq"), cwd=ROOT, check=False).returncode == 0  # noqa: S603 - our own words


def uv(*words: "str | Path") -> bool:
    """Run uv's pip and say whether it succeeded. Unlike pip, it compiles the bytecode on every core."""
    command = (PYTHON, "-m", "uv", "pip", *words, "--python", PYTHON, "--compile-bytecode", "--quiet")
    return subprocess.run(command, cwd=ROOT, env={**mirror(), **os.environ}, check=False).returncode == 0  # noqa: S603 - our own words


def mirror() -> "dict[str, str]":
    """Return the package mirror that pip is configured for, if it is, as uv wants to hear of it."""
    command = (PYTHON, "-m", "pip", "config", "list")
    listed = subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout.decode()  # noqa: S603 - our own words
    found = re.search(r"\.index-url='([^']+)'", listed)
    return {"UV_DEFAULT_INDEX": found.group(1)} if found else {}


def say(words: str) -> None:
    """Tell the person who waits."""
    print(words, file=sys.stderr, flush=True)  # noqa: T201 - there is no console yet


if __name__ == "__main__":
    main()
