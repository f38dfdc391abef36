"""Every contract of the layers breaks when somebody does what it forbids."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FORBIDDEN = {
    "A room imports only the rooms to its left": [
        ("kit/clock.py", "gridhall.metering.quality"),
        ("billing/regions.py", "gridhall.crm.customers.model"),
        ("graphql/errors.py", "gridhall.workers.app"),
        ("workers/app.py", "gridhall.graphql.errors"),
        ("simulators/mailbox.py", "gridhall.metering.quality"),
        ("notifications/channels/port.py", "gridhall.api"),
    ],
    "Only the front door starts the simulators": [("workers/app.py", "gridhall.simulators.mailbox")],
    "Only repositories and kit name the MongoDB driver": [
        ("billing/bills/model.py", "pymongo"),
        ("metering/quality.py", "bson"),
        ("workers/app.py", "motor"),
    ],
    "Only the reception desk and the front door name strawberry": [
        ("notifications/channels/port.py", "strawberry"),
        ("billing/regions.py", "graphql"),
    ],
    "Only the engine room and kit name celery": [("api/__init__.py", "celery")],
}

LINT_ELSEWHERE = """
import sys
from importlinter.cli import lint_imports_command
here, there = sys.argv[1:]
sys.path[:] = [there, *(folder for folder in sys.path if folder != here)]
sys.argv[1:] = ["--no-logo", "--no-cache"]
lint_imports_command()
"""


@pytest.fixture(scope="module")
def verdict(
    root: Path, files: tuple[Path, ...], rooms: frozenset[str], tmp_path_factory: pytest.TempPathFactory
) -> str:
    """What the linter says of a copy of the rooms in which every forbidden import was added."""
    copy = tmp_path_factory.mktemp("layers")
    shutil.copytree(root / "src" / "gridhall", copy / "src" / "gridhall", symlinks=True)
    shutil.copy(root / "pyproject.toml", copy)
    for path in files:
        if path.parts[0] in rooms and path.suffix == ".py":
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / path, copy / path)
    for importer, imported in (pair for pairs in FORBIDDEN.values() for pair in pairs):
        with (copy / importer).open("a") as source:
            source.write(f"\nimport {imported}\n")
    command = (sys.executable, "-c", LINT_ELSEWHERE, str(root / "src"), str(copy / "src"))
    done = subprocess.run(command, cwd=copy, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
    assert done.returncode == 1, done.stderr
    return done.stdout


@pytest.mark.parametrize("contract", FORBIDDEN)
def test_a_contract_can_break(verdict: str, contract: str) -> None:
    assert f"{contract} BROKEN" in verdict


@pytest.mark.parametrize(("importer", "imported"), [pair for pairs in FORBIDDEN.values() for pair in pairs])
def test_a_forbidden_import_is_named(verdict: str, importer: str, imported: str) -> None:
    module = importer.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert f"- gridhall.{module} -> {imported} (l." in verdict
