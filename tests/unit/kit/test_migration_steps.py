"""What a step says of itself, and of documents; the steps that rooms declare."""

from collections import defaultdict
from collections.abc import Callable

import pytest

from gridhall.api.state import REPOSITORIES
from gridhall.billing.bills.schemas import second_bill
from gridhall.billing.schemas import second_correction, second_wait
from gridhall.kit.migrations import Besides, SchemaStep, renamed, steps_of
from gridhall.kit.mongo import Document

STEPS = steps_of(REPOSITORIES)


def test_a_new_document_is_of_the_next_schema_and_the_old_one_stays_as_it_is() -> None:
    step = SchemaStep("meters", of=3, change=lambda document, _: {**document, "b": 2})
    old: Document = {"_id": 1, "schema": 3, "a": 1}
    assert step.changed(old, {}) == {"_id": 1, "schema": 4, "a": 1, "b": 2}
    assert old == {"_id": 1, "schema": 3, "a": 1}
    assert (step.name, list(step.adds(old, {}))) == ("meters:3", [])


def test_fields_are_renamed_in_their_place() -> None:
    assert list(renamed({"a": 1, "b": 2, "c": 3}, {"b": "d"}).items()) == [("a", 1), ("d", 2), ("c", 3)]


def test_steps_come_in_the_order_of_the_schemas() -> None:
    class Points:
        collection_name = "points"
        indexes = ()
        migrations = (
            SchemaStep("points", of=2, change=lambda document, _: document),
            SchemaStep("points", of=1, change=lambda document, _: document),
        )

    class Plain:
        collection_name = "plain"
        indexes = ()

    assert [step.of for step in steps_of((Points, Plain))] == [1, 2]  # type: ignore[arg-type]


def test_every_repository_declares_steps_of_its_own_collection_without_a_gap() -> None:
    for one in REPOSITORIES:
        assert {step.collection for step in getattr(one, "migrations", ())} <= {one.collection_name}
    schemas: dict[str, list[int]] = defaultdict(list)
    for step in STEPS:
        schemas[step.collection].append(step.of)
    assert all(found == list(range(found[0], found[0] + len(found))) for found in schemas.values())
    assert len({step.name for step in STEPS}) == len(STEPS)


@pytest.mark.parametrize("change", [second_bill, second_correction, second_wait])
def test_a_document_whose_account_is_not_there_lies_in_the_whole_region(
    change: Callable[[Document, Besides], Document],
) -> None:
    besides: Besides = {"accounts": None}
    new = change({"_id": 1, "schema": 1, "status": "held"}, besides)
    assert new["units"] == [""]
