"""People and a scan at the same case of irregular use at the same moment: one change is made, and told of once."""

import asyncio
from dataclasses import replace
from datetime import date
from uuid import UUID

from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Outbox
from gridhall.kit.settings import Settings
from gridhall.kit.subject import Refusal
from gridhall.metering.irregular.cases import rules
from gridhall.metering.irregular.cases.gathering import gathered
from gridhall.metering.irregular.cases.model import Case, Closing, Photo, State
from gridhall.metering.irregular.cases.operations import CONFIRMED_EVENT, assign, confirm, dismiss
from gridhall.metering.services import REPOSITORIES, Metering
from tests.factories.cases import NOW, TODAY, WATCH, a_case, a_point, a_suspicion, evidence
from tests.factories.rooms import all_documents

PHOTO = Photo(UUID(int=9), "he.jun", NOW)


def inspected(number: int) -> Case:
    """A case at a home whose inspector has been there and brought a photo."""
    opened = a_case(evidence("step", 8.0), point=a_point(number))
    return replace(opened, state=State.INSPECTING, inspector="he.jun", photos=(PHOTO,))


async def test_of_all_changes_at_once_one_is_made(mongo: Mongo) -> None:
    await mongo.ensure_indexes({one.collection_name: one.indexes for one in (*REPOSITORIES, Outbox)})
    cases = Metering.open(mongo=mongo, settings=Settings()).irregular
    for number in range(1, 11):
        seen = inspected(number)
        await cases.cases.put([seen])
        asked = {"cases": cases, "case_id": seen.id, "revision": 1, "now": NOW}
        later = date.fromordinal(TODAY.toordinal() + 1)
        suspicion = a_suspicion(evidence("night", 5.0, on=TODAY), today=later, point=a_point(number))
        added = gathered(suspicion, case=seen, quiet=(), watch=WATCH, now=NOW)
        assert added is not None
        *told, scanned = await asyncio.gather(
            confirm(**asked, by="wu.gang", closing=Closing.THEFT, note="a wire past the meter"),
            dismiss(**asked, by="li.na", closing=Closing.VACANT, note="nobody lives there"),
            dismiss(**asked, by="he.jun", closing=Closing.CHANGED_USE, note="the heater went"),
            assign(**asked, by="li.na", owner="he.jun", due_on=later, today=TODAY),
            cases.cases.put([added]),
        )
        made = [one for one in told if isinstance(one, Case)]
        assert all(one == rules.CHANGED for one in told if isinstance(one, Refusal))
        assert len(made) + scanned == 1
        kept = (await cases.cases.load([seen.id]))[seen.id]
        assert kept == (added if scanned else made[0])
        events = [one for one in await all_documents(mongo, "outbox") if one["kind"] == CONFIRMED_EVENT]
        of_case = [one for one in events if one["payload"]["case_id"] == str(seen.id)]
        assert len(of_case) == (kept.state is State.CONFIRMED)


async def test_two_scans_at_once_open_one_case_a_home(mongo: Mongo) -> None:
    await mongo.ensure_indexes({one.collection_name: one.indexes for one in (*REPOSITORIES, Outbox)})
    cases = Metering.open(mongo=mongo, settings=Settings()).irregular.cases
    scans = [[a_case(evidence("step", 8.0), point=a_point(number)) for number in range(1, 21)] for _ in range(4)]
    assert sum(await asyncio.gather(*(cases.put(found) for found in scans))) == 20
    assert len(await cases.under_way([UUID(int=number) for number in range(1, 21)])) == 20
    assert len(await all_documents(mongo, "irregular_cases")) == 20
