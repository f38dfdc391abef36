"""A wheel of the project has every room whole: its modules and its data files."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def wheel(root: Path, files: tuple[Path, ...], rooms: frozenset[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built offline from a copy, so that nothing is left in the folder."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    shutil.copytree(root / "src" / "gridhall", copy / "src" / "gridhall", symlinks=True)
    for path in files:
        if path.parts[0] in rooms or path.name in {"pyproject.toml", "README.md"}:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / path, copy / path)
    subprocess.run((sys.executable, "-c", BUILD, str(out)), cwd=copy, check=True, capture_output=True)  # noqa: S603 - our own words
    (built,) = out.glob("*.whl")
    return built


def test_nothing_of_a_room_is_left_out(wheel: Path, files: tuple[Path, ...], rooms: frozenset[str]) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"gridhall/{path}" for path in files if path.parts[0] in rooms and path.suffix != ".md"}
    assert {name for name in wanted - packed if not name.startswith("gridhall/crm/desk/")} == set()


def test_nothing_else_is_packed(wheel: Path) -> None:
    packed = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in packed if ".dist-info/" not in name} == {"gridhall"}
    assert "gridhall/graphql/__init__.py" not in packed
