"""What the tests of the repository itself look at: its root, its files and its rooms."""

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def project(root: Path) -> dict[str, Any]:
    """The tables of pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text())


@pytest.fixture(scope="session")
def files(root: Path) -> tuple[Path, ...]:
    """Every file of the repository, relative to its root: what git tracks or would track, without links."""
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout  # noqa: S603 - our own words
    paths = (Path(name) for name in listed.decode().split("\0") if name)
    return tuple(path for path in paths if (root / path).is_file() and not (root / path).is_symlink())


@pytest.fixture(scope="session")
def rooms(project: dict[str, Any]) -> frozenset[str]:
    """The rooms that have a place in the layers."""
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    return frozenset(room.strip() for layer in layers for room in layer.split("|"))
