"""A meter counts a third of what is used; the night's job finds it, by its curve and by its transformer's loss."""

import numpy as np

from gridhall.kit.jobs import CeleryQueue, producer
from gridhall.kit.localdays import local_day
from gridhall.metering.irregular.cases.model import Case, State
from gridhall.metering.irregular.cases.repository import CaseFilter
from gridhall.workers import names
from tests.factories.app import eventually
from tests.factories.curves import some_homes
from tests.factories.grid import REGION, ZONE, a_grid, home_id
from tests.factories.service import Service

THIEF, SINCE = 4, 50


async def test_the_nights_job_opens_a_case_for_the_thief(service: Service) -> None:
    state = service.state
    true = some_homes()
    sent = true.copy()
    sent[THIEF, SINCE:] *= 0.33
    await a_grid(state.mongo, sent=np.round(sent, 3), true=true, end=local_day(state.clock.now(), ZONE))
    queue = CeleryQueue(
        producer(
            str(service.settings.redis_uri), routes={name: {"queue": queue} for name, queue in names.QUEUES.items()}
        )
    )
    cases = state.metering.irregular.cases

    async def of_the_thief() -> list[Case]:
        found = await cases.page(CaseFilter(REGION), after=None, limit=50)
        return [case for case in found if case.point_id == home_id(THIEF)]

    await queue.send(names.SPREAD_IRREGULAR)
    (case,) = await eventually(of_the_thief, what="a case of the home whose meter counts a third")
    assert case.state is State.OPEN
    assert {"step", "district_loss"} <= {one.signal for one in case.evidence}
    loss = next(one for one in case.evidence if one.signal == "district_loss")
    assert 25 < loss.numbers["counted"] < 45
