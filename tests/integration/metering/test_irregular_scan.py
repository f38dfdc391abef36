"""The nightly look for irregular use on a real database: found once, kept once, moved by people."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from gridhall.kit.blobs import BlobRepository
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Days, Month
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Outbox
from gridhall.kit.settings import Settings
from gridhall.kit.subject import Refusal
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import month_key
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.irregular.cases import operations, rules
from gridhall.metering.irregular.cases.model import Case, Closing, State
from gridhall.metering.irregular.cases.repository import CaseFilter
from gridhall.metering.irregular.chunks import chunks
from gridhall.metering.irregular.curves import Floats
from gridhall.metering.irregular.losses import district_loss
from gridhall.metering.irregular.operations import ScanReport, refresh_norms, scan, scan_chunk
from gridhall.metering.irregular.reading import read_curves
from gridhall.metering.quality import Quality
from gridhall.metering.registers.model import RegisterRead
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from gridhall.metering.services import REPOSITORIES, Metering
from tests.factories.cases import a_case, a_point, evidence
from tests.factories.curves import some_homes
from tests.factories.grid import REGION, a_grid, home_id, store
from tests.factories.rooms import all_documents

TODAY, NOW = date(2026, 11, 2), datetime(2026, 11, 1, 19, 30, tzinfo=UTC)
THIEF, TURNED = 4, 11
PHOTO = b"\xff\xd8\xff photo of a broken seal"


def sent_of(true: Floats) -> Floats:
    sent = true.copy()
    sent[THIEF, 50:] *= 0.3
    sent[TURNED, 45:] = sent[TURNED, 45:, ::-1]
    return np.round(sent, 3)


@pytest.fixture
async def room(mongo: Mongo) -> Metering:
    """The room on an empty database."""
    await mongo.ensure_indexes({one.collection_name: one.indexes for one in (*REPOSITORIES, Outbox)})
    return Metering.open(mongo=mongo, settings=Settings())


@pytest.fixture
async def metering(mongo: Mongo, room: Metering) -> Metering:
    """The room with twelve weeks of 40 homes, of which two are falsified, behind two transformers."""
    true = some_homes()
    await a_grid(mongo, sent=sent_of(true), true=true, end=TODAY)
    return room


@pytest.fixture
async def case(room: Metering) -> Case:
    """An open case at the home of the thief."""
    made = a_case(evidence("step", 8.0), point=a_point(home_id(THIEF).int))
    await room.irregular.cases.put([made])
    return made


async def look(metering: Metering, *, today: date = TODAY, now: datetime = NOW) -> ScanReport:
    return await scan(scanning=metering.scanning, region=REGION, today=today, now=now)


async def listed(metering: Metering, *states: State) -> list[Case]:
    return await metering.irregular.cases.page(CaseFilter(REGION, states=states), after=None, limit=50)


async def case_of(metering: Metering, index: int) -> Case:
    return next(case for case in await listed(metering) if case.point_id == home_id(index))


class TestScan:
    async def test_the_falsified_homes_become_cases_and_the_same_scan_again_writes_nothing(
        self, metering: Metering, mongo: Mongo
    ) -> None:
        report = await look(metering)
        assert (report.homes, report.opened) == (40, report.suspected)
        cases = {case.point_id: case for case in await listed(metering)}
        assert {home_id(THIEF), home_id(TURNED)} <= set(cases)
        assert len(cases) <= 4
        thief = cases[home_id(THIEF)]
        assert {"step", "district_loss"} <= {one.signal for one in thief.evidence}
        assert thief.evidence[0].added >= thief.evidence[-1].added
        assert cases[home_id(TURNED)].evidence[0].signal in {"turned", "district_loss"}
        assert (thief.state, thief.district, thief.days) == (State.OPEN, "T000", Days(date(2026, 8, 10), TODAY))

        before = await all_documents(mongo, "irregular_cases")
        again = await look(metering, now=NOW + timedelta(hours=1))
        assert (again.suspected, again.opened, again.added) == (report.suspected, 0, 0)
        assert await all_documents(mongo, "irregular_cases") == before

    async def test_two_scans_at_once_open_one_case_a_point(self, metering: Metering) -> None:
        await refresh_norms(scanning=metering.scanning, region=REGION, today=TODAY)
        (points,) = [one async for one in chunks(points=metering.points, region=REGION)]

        async def half() -> ScanReport:
            return await scan_chunk(scanning=metering.scanning, region=REGION, point_ids=points, today=TODAY, now=NOW)

        first, second = await half(), await half()
        assert second.opened == 0
        same = [case for case in await listed(metering) if case.point_id == home_id(THIEF)]
        assert len(same) == 1
        late = replace(same[0], id=operations.CaseId(new_id()), revision=1)
        assert await metering.irregular.cases.put([late]) == 0
        assert first.opened == len(await listed(metering))

    async def test_the_next_night_adds_to_the_case(self, metering: Metering, mongo: Mongo) -> None:
        await look(metering)
        before = await case_of(metering, THIEF)
        day = some_homes()[:, -1:]
        await store(mongo, {home_id(index): day[index] for index in range(40)}, end=TODAY + timedelta(days=1))
        report = await look(metering, today=TODAY + timedelta(days=1))
        assert report.added >= 1
        after = await case_of(metering, THIEF)
        assert (after.id, after.revision) == (before.id, before.revision + 1)
        step = next(one for one in after.evidence if one.signal == "step")
        assert (step.first_seen, step.last_seen) == (TODAY - timedelta(days=1), TODAY)
        assert len(await listed(metering)) >= len({case.point_id for case in await listed(metering)})

    async def test_estimates_and_silent_meters_are_no_evidence(self, metering: Metering, mongo: Mongo) -> None:
        estimated = {"$set": {"quality": int(Quality.ESTIMATED)}}
        await mongo["usage_days"].update_many({}, estimated)
        assert (await look(metering)).suspected == 0
        await mongo["usage_days"].delete_many({})
        assert (await look(metering)).suspected == 0

    async def test_registers_that_went_further_than_the_curve_are_a_suspicion(
        self, metering: Metering, mongo: Mongo
    ) -> None:
        sent = sent_of(some_homes())
        registers = RegisterRepository(mongo)
        reads = []
        for index in (20, 21):
            counted = sent[index].sum() * (1.25 if index == 20 else 1.0)
            for offset, shown in ((0, 0.0), (84, counted)):
                day = TODAY - timedelta(days=84 - offset)
                values = {"total": 1_000_000 + round(shown * 1000)}
                meter = f"H{index:04d}"
                reads.append(RegisterRead(home_id(index), IMPORT_KWH, meter, day, NOW, values, 3, 0))
        await record_reads(reads=reads, registers=registers, now=NOW)
        days = Days(TODAY - timedelta(days=84), TODAY)
        ids = [home_id(20), home_id(21), home_id(22)]
        reading = await read_curves(point_ids=ids, days=days, sources=metering.scanning.sources)
        gaps = reading.curves["residential"].register_gap
        assert gaps[:2] == pytest.approx([0.2, 0.0], abs=1e-6)
        assert np.isnan(gaps[2])
        await look(metering)
        case = await case_of(metering, 20)
        assert case.evidence[0].signal == "register_gap"
        assert case.evidence[0].numbers == {"percent": 20.0}


class TestChunks:
    async def test_no_district_is_cut_and_no_point_is_left_out(self, metering: Metering) -> None:
        points = {point.id: point for point in await metering.points.page(region=REGION, limit=1000)}
        for size in (1, 10, 22, 30, 44, 1000):
            found = [one async for one in chunks(points=metering.points, region=REGION, size=size)]
            assert sorted(id_ for chunk in found for id_ in chunk) == sorted(points)
            parts = {(points[id_].district, number) for number, chunk in enumerate(found) for id_ in chunk}
            assert len(parts) == 2
            assert len(found) == (1 if size >= 42 else 2)


class TestPeople:
    async def test_from_suspicion_to_confirmation_with_photo_event_and_history(
        self, room: Metering, case: Case, mongo: Mongo
    ) -> None:
        cases, inspector = room.irregular, new_id()
        going = await operations.start_inspection(
            cases=cases, case_id=case.id, revision=case.revision, by="he.jun", now=NOW
        )
        assert isinstance(going, Case)
        photo = await BlobRepository(mongo).put(PHOTO, by=inspector, now=NOW)
        fields = {"cases": cases, "case_id": case.id, "by": "he.jun", "now": NOW}
        foreign = await operations.add_photo(
            revision=going.revision, photo_id=photo.id, note="", by_id=new_id(), **fields
        )  # type: ignore[arg-type]
        assert foreign == operations.NO_SUCH_PHOTO
        shown = await operations.add_photo(
            revision=going.revision, photo_id=photo.id, note="seal", by_id=inspector, **fields
        )  # type: ignore[arg-type]
        assert isinstance(shown, Case)
        (attached,) = (await BlobRepository(mongo).load([photo.id]))[photo.id].attached
        assert (attached.kind, attached.id, attached.org_path) == ("case", str(case.id), "grid/hangzhou")
        finding = {"closing": Closing.THEFT, "note": "meter bypassed", "revision": shown.revision}
        assert await operations.confirm(**finding, **fields) == rules.SAME_PERSON  # type: ignore[arg-type]
        fields["by"] = "wu.gang"
        done = await operations.confirm(**finding, **fields)  # type: ignore[arg-type]
        assert isinstance(done, Case)
        assert await operations.confirm(**finding, **fields) == rules.CHANGED  # type: ignore[arg-type]
        (kept,) = await listed(room, State.CONFIRMED)
        assert kept == done
        assert [entry.what for entry in kept.history] == ["opened", "start_inspection", "add_photo", "confirm"]
        (event,) = await all_documents(mongo, "outbox")
        assert (event["kind"], event["about"]) == ("metering.irregular_confirmed", home_id(THIEF))
        assert event["payload"]["closing"] == "theft"
        assert event["payload"]["case_id"] == str(case.id)

    async def test_whoever_saw_an_older_state_changes_nothing(self, room: Metering, case: Case) -> None:
        cases = room.irregular
        for expected in (Case, Refusal):
            outcome = await operations.start_inspection(
                cases=cases, case_id=case.id, revision=case.revision, by="he.jun", now=NOW
            )
            assert isinstance(outcome, expected)

    async def test_a_dismissed_suspicion_is_quiet_for_a_time_and_then_comes_again(self, metering: Metering) -> None:
        await look(metering)
        for case in await listed(metering, State.OPEN):
            await operations.dismiss(
                cases=metering.irregular,
                case_id=case.id,
                revision=case.revision,
                closing=Closing.CHANGED_USE,
                note="moved out",
                by="he.jun",
                now=NOW,
            )
        again = await look(metering, now=NOW + timedelta(days=1))
        assert again.suspected > 0
        assert again.opened == 0
        later = await look(metering, now=NOW + timedelta(days=181))
        assert later.opened == later.suspected

    async def test_pages_hold_every_case_once_the_highest_score_first(self, room: Metering, case: Case) -> None:
        cases = room.irregular.cases
        more = [
            replace(case, id=operations.CaseId(new_id()), point_id=UUID(int=9000 + one), score=0.8, revision=1)
            for one in range(5)
        ]
        await cases.put(more)
        whole = await listed(room)
        assert len(whole) == 6
        assert [one.score for one in whole] == sorted((one.score for one in whole), reverse=True)
        walked: list[Case] = []
        while page := await cases.page(
            CaseFilter(REGION), after=(walked[-1].score, walked[-1].id) if walked else None, limit=2
        ):
            walked += page
        assert walked == whole


class TestDistrictLoss:
    async def test_it_is_told_day_by_day_and_says_where_members_are_missing(
        self, metering: Metering, mongo: Mongo
    ) -> None:
        days = Days(TODAY - timedelta(days=84), TODAY)
        found = await district_loss(
            district="T000", days=days, points=metering.points, histories=HistoryRepository(mongo)
        )
        assert found is not None
        assert (found.members, found.sum_meters, set(found.measured)) == (20, 1, {20})
        assert set(found.measured) == {found.members}
        assert None not in found.loss
        percent = [float(one) for one in found.percent if one is not None]
        assert np.mean(percent[:50]) == pytest.approx(100 * 0.03 / 1.03, abs=0.5)
        assert np.mean(percent[50:]) > np.mean(percent[:50]) + 1
        assert found.loss[0] == found.flowed[0] - found.used[0]  # type: ignore[operator]
        await mongo["usage_months"].delete_one({"_id": month_key(home_id(2), IMPORT_KWH, Month.of(days.end))})
        gap = await district_loss(
            district="T000", days=days, points=metering.points, histories=HistoryRepository(mongo)
        )
        assert gap is not None
        assert gap.measured[-1] == 19
        assert gap.measured[-1] < gap.members
        assert gap.measured[0] == gap.members

    async def test_an_unknown_district_is_none(self, metering: Metering, mongo: Mongo) -> None:
        days = Days(TODAY, TODAY + timedelta(days=1))
        histories = HistoryRepository(mongo)
        assert await district_loss(district="T9", days=days, points=metering.points, histories=histories) is None
