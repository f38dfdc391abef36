"""Keys that are made at first start and kept in the data folder, where no secret store hands them in."""

import os
from collections.abc import Callable
from pathlib import Path


def kept_bytes(folder: Path, name: str, *, length: int) -> bytes:
    """Return the bytes kept under `name`, made at random and written for the owner only at the first call."""
    return kept(folder, name, make=lambda: os.urandom(length))


def kept(folder: Path, name: str, *, make: Callable[[], bytes]) -> bytes:
    """Return what is kept under `name`, made and written for the owner only at the first call.

    Safe against two processes that start together: one wins, the other reads what it wrote.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    if not path.exists():
        draft = folder / f".{name}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_bytes(make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
