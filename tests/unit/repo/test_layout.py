"""The folder named graphql/ works only while some files are absent: docs/adr/0001."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest


@pytest.mark.parametrize(
    "name", ["graphql", "src/gridhall", "tests", "tests/graphql", "tests/unit/graphql", "tests/integration/graphql"]
)
def test_the_folders_that_would_shadow_a_package_are_no_packages(root: Path, name: str) -> None:
    assert not (root / name / "__init__.py").exists()


def test_the_name_plate_has_one_relative_link_a_room_and_nothing_else(root: Path, rooms: frozenset[str]) -> None:
    plate = {path.name: path for path in (root / "src" / "gridhall").iterdir() if path.name != "__pycache__"}
    assert set(plate) == rooms
    assert {name: str(path.readlink()) for name, path in plate.items()} == {room: f"../../{room}" for room in rooms}
    assert all(path.is_dir() for path in plate.values())


def test_graphql_is_graphql_core_when_python_starts_in_the_root(root: Path) -> None:
    ask = "import graphql; print(graphql.version_info.major, graphql.__file__)"
    said = subprocess.run((sys.executable, "-c", ask), cwd=root, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own words
    assert said.startswith("3 ")
    assert "site-packages" in said


def test_the_linter_of_layers_sees_every_room(rooms: frozenset[str]) -> None:
    graph = grimp.build_graph("gridhall", cache_dir=None)
    assert graph.find_children("gridhall") == {f"gridhall.{room}" for room in rooms}
    assert graph.find_children("gridhall.graphql")


def test_every_room_says_what_it_is(root: Path, rooms: frozenset[str]) -> None:
    silent = [name for name in (*sorted(rooms), "tests", "bench") if not (root / name / "README.md").is_file()]
    assert silent == []
