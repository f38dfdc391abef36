"""The demo's residents who use the mini-program, through the running service."""

import asyncio

from gridhall.api.demo.people import residents
from gridhall.api.demo.wechat import use_mini_program
from gridhall.simulators.households import households
from tests.factories.service import Service


async def test_residents_are_linked_once_and_allow_one_more_message_at_every_start(service: Service) -> None:
    people = residents(households(2, ("zhejiang",), 1))
    for _ in range(2):
        await asyncio.to_thread(use_mini_program, people, api_url=service.url, wechat_url=service.settings.wechat_url)
    crm = service.state.hall.people
    for one in people:
        customer = await crm.customers.by_phone(one.phone)
        assert customer is not None
        assert customer.openid is not None
        assert {consent.credits for consent in await crm.consents.of(customer.id)} == {2}
