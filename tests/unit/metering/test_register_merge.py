"""What becomes of a kept register read when another of the same midnight arrives."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from gridhall.metering.registers.merge import MergedRead, merge_read
from gridhall.metering.registers.model import RegisterDay, RegisterRead

NOW = datetime(2026, 11, 1, tzinfo=UTC)
READ = RegisterRead(
    point_id=UUID(int=1),
    channel="import-kwh",
    meter="M1",
    day=date(2026, 10, 1),
    at=datetime(2026, 9, 30, 16, tzinfo=UTC),
    values={"total": 1000},
    scale=2,
    quality=0,
)


def kept(read: RegisterRead = READ) -> RegisterDay:
    day = merge_read(None, read, now=NOW).day
    assert day
    return day


def test_a_first_read_is_accepted() -> None:
    merged = merge_read(None, READ, now=NOW)
    assert (merged.accepted, merged.day and merged.day.revision) == (1, 1)


def test_the_same_read_again_changes_nothing() -> None:
    assert merge_read(kept(), READ, now=NOW) == MergedRead(None, duplicate=1)


def test_the_same_read_written_at_another_scale_changes_nothing() -> None:
    assert merge_read(kept(), replace(READ, scale=3, values={"total": 10_000}), now=NOW) == MergedRead(
        None, duplicate=1
    )


def test_more_registers_are_added() -> None:
    merged = merge_read(kept(), replace(READ, values={"peak": 600}), now=NOW)
    assert (merged.accepted, merged.replaced) == (1, None)
    assert merged.day
    assert merged.day.reads[0].values == {"total": 1000, "peak": 600}


def test_another_value_corrects_and_hands_the_older_revision_back() -> None:
    before = kept()
    merged = merge_read(before, replace(READ, values={"total": 1001}), now=NOW)
    assert (merged.corrected, merged.replaced) == (1, before)
    assert merged.day
    assert (merged.day.revision, merged.day.reads[0].values) == (2, {"total": 1001})


def test_an_estimate_never_takes_the_place_of_a_read() -> None:
    assert merge_read(kept(), replace(READ, values={"total": 999}, quality=8), now=NOW).day is None


def test_a_read_takes_the_place_of_an_estimate_as_a_whole() -> None:
    before = kept(replace(READ, values={"total": 999, "peak": 1}, quality=8))
    merged = merge_read(before, READ, now=NOW)
    assert (merged.corrected, merged.replaced) == (1, before)
    assert merged.day
    assert merged.day.reads == (READ,)


def test_the_higher_version_of_a_register_holds_whichever_came_first() -> None:
    older, newer = (replace(READ, values={"total": total}, versions={"total": total}) for total in (1, 2))
    assert merge_read(kept(newer), older, now=NOW) == MergedRead(None, duplicate=1)
    merged = merge_read(kept(older), newer, now=NOW)
    assert (merged.corrected, merged.day and merged.day.reads) == (1, (newer,))


def test_the_same_values_in_a_higher_version_are_a_duplicate_that_is_written_down() -> None:
    newer = replace(READ, versions={"total": 5})
    merged = merge_read(kept(), newer, now=NOW)
    assert (merged.duplicate, merged.replaced) == (1, None)
    assert merged.day
    assert merged.day.reads == (newer,)


def test_old_and_new_meter_of_an_exchange_stand_side_by_side() -> None:
    merged = merge_read(kept(), replace(READ, meter="M0", closing=True), now=NOW)
    assert merged.accepted == 1
    assert merged.day
    assert [read.meter for read in merged.day.reads] == ["M0", "M1"]
