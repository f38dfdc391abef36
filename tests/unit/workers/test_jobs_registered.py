"""Every job has a name, a queue and code; whatever starts a job starts one that is there."""

import inspect
import re
from pathlib import Path

import pytest

from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.schedule import BEAT

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("metering", "billing", "crm", "notifications")
KIND = re.compile(r'(?<!logger\()"((?:metering|billing|crm|notifications)\.[a-z_]+)"')


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    app.loader.import_default_modules()


def test_every_name_is_a_job_with_code_and_a_queue() -> None:
    named = {value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)}
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert named == ours == set(names.QUEUES)


def test_what_beat_starts_needs_no_arguments() -> None:
    for entry in BEAT.values():
        inspect.signature(app.tasks[str(entry["task"])].run).bind()


@pytest.mark.parametrize("job", sorted({job for jobs in names.EVENT_ROUTES.values() for job in jobs}))
def test_what_an_event_starts_takes_its_ids_and_whatever_comes_later(job: str) -> None:
    inspect.signature(app.tasks[job].run).bind(event_ids=[], of_a_later_version=1)


@pytest.mark.parametrize("job", sorted(names.QUEUES))
def test_a_message_of_a_later_version_is_taken(job: str) -> None:
    kinds = {one.kind for one in inspect.signature(app.tasks[job].run).parameters.values()}
    assert kinds <= {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}
    assert inspect.Parameter.VAR_KEYWORD in kinds


@pytest.fixture(scope="module")
def written() -> set[str]:
    """The kinds of events that the rooms name."""
    sources = (path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts)
    return {kind for path in sources for kind in KIND.findall(path.read_text())}


def test_every_event_that_is_routed_is_written_somewhere(written: set[str]) -> None:
    assert set(names.EVENT_ROUTES) - written == set()


def test_every_event_that_is_written_is_wanted_by_a_job_or_named_as_told_to_others(written: set[str]) -> None:
    assert written - set(names.EVENT_ROUTES) == names.TOLD_TO_OTHERS
