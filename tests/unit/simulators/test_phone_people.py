from datetime import UTC, datetime
from uuid import uuid4

from gridhall.simulators.mailbox import Kind, Received
from gridhall.simulators.people import People, Person
from gridhall.simulators.phone_view import people_view

NOW = datetime(2026, 11, 3, 8, tzinfo=UTC)
WANG = Person("王小明", "13800000001", "wang@customer.example")


def received(recipient: str, *, kind: Kind = Kind.SMS, text: str = "x") -> Received:
    return Received(uuid4(), kind, recipient, "格里供电", text, NOW, "", b"raw")


class TestWhosePhoneItIs:
    def test_sms_and_mail_of_one_person_come_together(self) -> None:
        people = People()
        people.add(WANG)
        grouped = people.with_messages([received("wang@customer.example", kind=Kind.MAIL), received("13800000001")])
        assert [(person.name, len(messages)) for person, messages in grouped.items()] == [("王小明", 2)]

    def test_an_address_that_nobody_registered_stands_alone(self) -> None:
        grouped = People().with_messages([received("13900000009")])
        assert [person.key for person in grouped] == ["13900000009"]

    def test_who_received_something_last_comes_first_then_those_who_received_nothing(self) -> None:
        people = People()
        for number in ("13800000001", "13800000002", "13800000003"):
            people.add(Person(number, number))
        grouped = people.with_messages([received("13800000003"), received("13800000002")])
        assert [person.phone for person in grouped] == ["13800000003", "13800000002", "13800000001"]

    def test_a_number_that_changes_hands_belongs_to_the_later_person(self) -> None:
        people = People()
        people.add(WANG)
        people.add(Person("李淑芬", "13800000001", "li@customer.example"))
        assert people.who("13800000001").name == "李淑芬"
        assert people.who("wang@customer.example").name == ""


class TestSearch:
    def test_a_part_of_the_number_name_or_address_finds_a_person(self) -> None:
        for query in ("0000001", "小明", "WANG@", "138 0000 0001"):
            assert people_view({WANG: []}, query=query, limit=5)["people"], query
        assert not people_view({WANG: []}, query="李", limit=5)["people"]

    def test_a_long_list_is_cut_and_says_so(self) -> None:
        people: dict[Person, list[Received]] = {Person(str(n), str(n)): [] for n in range(7)}
        view = people_view(people, query="", limit=5)
        assert (len(view["people"]), view["more"]) == (5, True)
