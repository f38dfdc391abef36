"""One-time codes: what proves that somebody holds a phone, and what does not."""

import asyncio
from datetime import datetime, timedelta

import pytest

from gridhall.crm.codes.model import Code, Purpose
from gridhall.crm.codes.operations import TOO_MANY_TRIES, TOO_OFTEN, WRONG, prove, send
from gridhall.crm.services import People
from gridhall.kit.mongo import Mongo
from gridhall.kit.subject import Refusal
from tests.factories.rooms import all_documents

PHONE = "13800000001"


async def asked(
    people: People, now: datetime, *, purpose: Purpose = Purpose.SIGN_IN, phone: str = PHONE, about: str = ""
) -> datetime | Refusal:
    return await send(codes=people.codes, purpose=purpose, phone=phone, about=about, now=now)


async def proven(
    people: People,
    digits: str,
    now: datetime,
    *,
    purpose: Purpose = Purpose.SIGN_IN,
    phone: str = PHONE,
    about: str = "",
) -> bool | Refusal:
    return await prove(codes=people.codes, purpose=purpose, phone=phone, about=about, digits=digits, now=now)


async def newest(people: People, mongo: Mongo) -> Code:
    (document,) = [one async for one in mongo["one_time_codes"].find().sort("_id", -1).limit(1)]
    code = await people.codes.codes.load(document["_id"])
    assert code is not None
    return code


def another(digits: str) -> str:
    return f"{(int(digits) + 1) % 10**6:06d}"


@pytest.fixture
async def digits(people: People, mongo: Mongo, now: datetime) -> str:
    """The digits of a code that was just sent to the phone."""
    assert await asked(people, now) == now + timedelta(minutes=5)
    return (await newest(people, mongo)).digits


class TestProving:
    async def test_the_digits_prove_it(self, people: People, digits: str, now: datetime) -> None:
        assert await proven(people, f" {digits}\n", now + timedelta(minutes=4, seconds=59)) is True

    async def test_a_code_proves_once(self, people: People, digits: str, now: datetime) -> None:
        await proven(people, digits, now)
        assert await proven(people, digits, now) == WRONG

    async def test_of_many_who_show_the_same_code_at_once_one_gets_in(
        self, people: People, digits: str, now: datetime
    ) -> None:
        outcomes = await asyncio.gather(*(proven(people, digits, now) for _ in range(5)))
        assert outcomes.count(True) == 1

    @pytest.mark.parametrize("wrong", ["", "12345", "1234567", "abcdef", "１２３４５６"])
    async def test_other_digits_do_not(self, people: People, digits: str, now: datetime, wrong: str) -> None:
        assert await proven(people, wrong, now) == WRONG
        assert await proven(people, another(digits), now) == WRONG

    async def test_a_code_that_ended_does_not(self, people: People, digits: str, now: datetime) -> None:
        assert await proven(people, digits, now + timedelta(minutes=5)) == WRONG

    async def test_another_phone_does_not(self, people: People, digits: str, now: datetime) -> None:
        assert await proven(people, digits, now, phone="13800000002") == WRONG

    async def test_a_code_of_one_purpose_proves_no_other(self, people: People, digits: str, now: datetime) -> None:
        assert await proven(people, digits, now, purpose=Purpose.BIND) == WRONG
        assert await proven(people, digits, now, about="somebody:something") == WRONG
        assert await proven(people, digits, now) is True

    async def test_without_any_code_everything_is_wrong(self, people: People, now: datetime) -> None:
        assert await proven(people, "000000", now) == WRONG


class TestGuessing:
    async def test_the_last_allowed_try_still_proves(self, people: People, digits: str, now: datetime) -> None:
        for _ in range(4):
            assert await proven(people, another(digits), now) == WRONG
        assert await proven(people, digits, now) is True

    async def test_after_five_wrong_tries_even_the_right_digits_are_void(
        self, people: People, digits: str, now: datetime
    ) -> None:
        for _ in range(5):
            assert await proven(people, another(digits), now) == WRONG
        assert await proven(people, digits, now) == TOO_MANY_TRIES

    async def test_trying_many_at_once_gives_no_more_tries(self, people: People, digits: str, now: datetime) -> None:
        outcomes = await asyncio.gather(*(proven(people, another(digits), now) for _ in range(20)))
        assert outcomes.count(WRONG) == 5
        assert outcomes.count(TOO_MANY_TRIES) == 15


class TestTheNewestCounts:
    @pytest.fixture
    async def second(self, people: People, mongo: Mongo, digits: str, now: datetime) -> str:
        """The digits of a second code, other than the first's."""
        for minute in (1, 2, 3):
            asked_at = now + timedelta(minutes=minute)
            assert await asked(people, asked_at) == asked_at + timedelta(minutes=5)
            code = await newest(people, mongo)
            if code.digits != digits:  # of a million, chance may give the same ones again
                return code.digits
        raise AssertionError("four codes are the same")

    async def test_an_older_code_is_worth_nothing(
        self, people: People, digits: str, second: str, now: datetime
    ) -> None:
        later = now + timedelta(minutes=4)
        assert await proven(people, digits, later) == WRONG
        assert await proven(people, second, later) is True

    async def test_nor_once_the_newer_one_was_used(
        self, people: People, digits: str, second: str, now: datetime
    ) -> None:
        later = now + timedelta(minutes=4)
        assert await proven(people, second, later) is True
        assert await proven(people, digits, later) == WRONG


class TestAsking:
    async def test_a_phone_may_ask_once_a_minute(self, people: People, now: datetime) -> None:
        assert await asked(people, now) != TOO_OFTEN
        assert await asked(people, now + timedelta(seconds=59)) == TOO_OFTEN
        assert await asked(people, now + timedelta(seconds=60)) != TOO_OFTEN

    async def test_five_times_an_hour_and_ten_times_a_day(self, people: People, now: datetime) -> None:
        def at(minutes: int) -> datetime:
            return now + timedelta(minutes=minutes)

        outcomes = [await asked(people, at(minute)) for minute in (0, 2, 4, 6, 8, 10, 60, 62, 64, 66, 68, 120)]
        assert [minute for minute, outcome in enumerate(outcomes) if outcome == TOO_OFTEN] == [5, 11]
        assert await asked(people, at(24 * 60 - 1)) == TOO_OFTEN
        assert await asked(people, at(24 * 60)) != TOO_OFTEN

    async def test_a_refused_request_does_not_count(self, people: People, now: datetime) -> None:
        for second in range(0, 60, 10):
            await asked(people, now + timedelta(seconds=second))
        assert await asked(people, now + timedelta(seconds=60)) != TOO_OFTEN

    async def test_phones_are_counted_apart_and_purposes_together(self, people: People, now: datetime) -> None:
        await asked(people, now)
        assert await asked(people, now, phone="13800000002") != TOO_OFTEN
        assert await asked(people, now, purpose=Purpose.BIND, about="x") == TOO_OFTEN

    async def test_two_requests_at_once_give_one_code(self, people: People, mongo: Mongo, now: datetime) -> None:
        outcomes = await asyncio.gather(*(asked(people, now) for _ in range(2)))
        assert outcomes.count(TOO_OFTEN) == 1
        assert await mongo["one_time_codes"].count_documents({}) == 1
        assert await mongo["outbox"].count_documents({}) == 1

    async def test_the_event_names_the_code_and_neither_digits_nor_phone(
        self, people: People, mongo: Mongo, digits: str
    ) -> None:
        (event,) = await all_documents(mongo, "outbox")
        assert (event["kind"], event["about"]) == ("crm.code_asked", (await newest(people, mongo)).id)
        assert digits not in str(event["payload"])
        assert PHONE not in str(event)
