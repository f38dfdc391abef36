"""Green Button in: what readings a feed is, how its parts find each other, and which files are refused as a whole."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from gridhall.metering.feed.formats.espi import Espi
from gridhall.metering.feed.formats.registry import UnknownFormatError, choose
from gridhall.metering.feed.formats.rows import DeliveryRefusedError, Readings, Rows
from gridhall.metering.feed.model import Limits

Parse = Callable[..., Awaitable[Rows]]

ROOT = "https://data.example.org/espi/1_1/resource"
START = 1_790_956_800  # 2026-10-03 00:00 in Shanghai


def entry(content: str, *, self_: str = "", up: str = "", related: Sequence[str] = (), updated: str = "") -> str:
    links = [("self", self_), ("up", up), *(("related", one) for one in related)]
    written = "".join(f'<link rel="{rel}" href="{ROOT}{to}"/>' for rel, to in links if to)
    when = f"<updated>{updated}</updated>" if updated else ""
    return f"<entry><id>urn:uuid:1</id>{written}<title/><content>{content}</content>{when}</entry>"


def reading_type(self_: str = "", **changed: int) -> str:
    said = {"commodity": 1, "flowDirection": 1, "intervalLength": 900, "kind": 12, "powerOfTenMultiplier": 0, "uom": 72}
    cells = "".join(f"<{name}>{value}</{name}>" for name, value in (said | changed).items())
    return entry(f'<ReadingType xmlns="http://naesb.org/espi">{cells}</ReadingType>', self_=self_)


def reading(start: int = START, value: object = 250, *, duration: int = 900, quality: str = "") -> str:
    said = "".join(f"<ReadingQuality><quality>{one}</quality></ReadingQuality>" for one in quality.split())
    period = f"<timePeriod><duration>{duration}</duration><start>{start}</start></timePeriod>"
    return f"<IntervalReading>{said}{period}<value>{value}</value></IntervalReading>"


def block(*readings: str, point: str = "", updated: str = "") -> str:
    content = f'<IntervalBlock xmlns="http://naesb.org/espi">{"".join(readings)}</IntervalBlock>'
    return entry(content, up=f"{point}/IntervalBlock" if point else "", updated=updated)


def feed(*entries: str) -> str:
    head = '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>urn:uuid:home</id><title/>'
    return f"{head}<updated>2026-10-04T00:00:00Z</updated>{''.join(entries)}</feed>"


async def only(parse: Parse, *entries: str) -> Readings:
    rows = await parse(feed(*entries), "espi")
    (part,) = rows.parts
    assert isinstance(part, Readings)
    return part


class TestReadings:
    async def test_a_file_of_one_reading_type_needs_no_links(self, parse: Parse) -> None:
        part = await only(parse, reading_type(), block(reading(), reading(START + 900, 1000)))
        assert list(part.starts) == ["2026-10-02T16:00:00+00:00", "2026-10-02T16:15:00+00:00"]
        assert list(part.energies) == ["0.250", "1.000"]
        assert set(part.meters) == {("home/15", "import-kwh", 15)}
        assert list(part.versions or ()) == [1_791_072_000] * 2  # the feed's, as the block has none

    @pytest.mark.parametrize(
        ("said", "channel", "energy"),
        [
            ({"powerOfTenMultiplier": 3}, "import-kwh", "250"),
            ({"powerOfTenMultiplier": -3}, "import-kwh", "0.000250"),
            ({"flowDirection": 19}, "export-kwh", "0.250"),
            ({"flowDirection": 0}, "import-kwh", "0.250"),
            ({"uom": 73}, "import-kvarh", "0.250"),
            ({"uom": 73, "flowDirection": 19, "powerOfTenMultiplier": 6}, "export-kvarh", "250000"),
        ],
    )
    async def test_the_reading_type_tells_channel_and_unit(
        self, parse: Parse, said: dict[str, int], channel: str, energy: str
    ) -> None:
        part = await only(parse, reading_type(**said), block(reading()))
        assert [meter[1] for meter in part.meters] == [channel]
        assert list(part.energies) == [energy]

    async def test_links_lead_from_a_block_to_its_type_and_point_wherever_they_stand(self, parse: Parse) -> None:
        first, second = "/UsagePoint/1/MeterReading/a", "/UsagePoint/2/MeterReading/b"
        rows = await parse(
            feed(
                block(reading(), point=first),
                block(reading(value=7), point=second, updated="2026-10-05T00:00:00+08:00"),
                entry("<MeterReading xmlns='http://naesb.org/espi'/>", self_=first, related=["/ReadingType/x"]),
                entry("<MeterReading xmlns='http://naesb.org/espi'/>", self_=second, related=["/ReadingType/y"]),
                reading_type("/ReadingType/x"),
                reading_type("/ReadingType/y", flowDirection=19),
            ),
            "espi",
        )
        one, two = rows.parts
        assert isinstance(one, Readings)
        assert isinstance(two, Readings)
        assert list(one.meters) == [("data.example.org-1/15", "import-kwh", 15)]
        assert list(two.meters) == [("data.example.org-2/15", "export-kwh", 15)]
        assert list(two.versions or ()) == [1_791_129_600]

    async def test_of_several_qualities_the_worst_counts_and_none_is_valid(self, parse: Parse) -> None:
        qualities = ("", "17", "0 8", "99")
        part = await only(parse, reading_type(), block(*(reading(quality=one) for one in qualities)))
        assert list(part.qualities) == [0, 17, 8, "99"]  # the door refuses the last

    async def test_the_reading_type_may_say_the_usual_quality(self, parse: Parse) -> None:
        part = await only(parse, reading_type(defaultQuality=17), block(reading(), reading(quality="8")))
        assert list(part.qualities) == [17, 8]

    async def test_readings_without_a_time_follow_each_other_from_the_start_of_their_block(self, parse: Parse) -> None:
        bare = "<IntervalReading><value>1</value></IntervalReading>"
        start = f"<interval><duration>86400</duration><start>{START}</start></interval>"
        part = await only(parse, reading_type(), block(start, bare, bare))
        assert list(part.starts) == ["2026-10-02T16:00:00+00:00", "2026-10-02T16:15:00+00:00"]

    async def test_a_reading_without_a_value_is_missing_and_not_zero(self, parse: Parse) -> None:
        part = await only(parse, reading_type(), block(reading(value=""), reading(START + 900)))
        assert len(part.energies) == 1

    async def test_a_day_is_a_slot_of_its_own_however_long(self, parse: Parse) -> None:
        long, short = reading(duration=90_000), reading(duration=82_800)
        part = await only(parse, reading_type(intervalLength=86_400), block(reading(duration=86_400), long, short))
        assert set(part.meters) == {("home/1440", "import-kwh", 1440)}


class TestARowIsRefusedAlone:
    @pytest.mark.parametrize(
        "said",
        [{"uom": 169}, {"commodity": 7}, {"flowDirection": 4}, {"kind": 8}, {"accumulationBehaviour": 1}, {"tou": 2}],
    )
    async def test_where_it_is_no_energy_that_we_keep(self, parse: Parse, said: dict[str, int]) -> None:
        rows = await parse(feed(reading_type(**said), block(reading(), reading(START + 900))), "espi")
        assert rows.parts == []
        assert [row.code for row in rows.refused] == ["unknown-stream"] * 2

    @pytest.mark.parametrize("broken", [reading(value="1.5"), reading(value="many"), reading(start=-1)])
    async def test_where_it_is_broken_and_the_others_are_taken(self, parse: Parse, broken: str) -> None:
        rows = await parse(feed(reading_type(), block(broken, reading())), "espi")
        assert [row.code for row in rows.refused] == ["bad-field"]
        assert len(rows.parts) == 1

    async def test_and_can_be_read_alone_later(self, parse: Parse, limits: Limits) -> None:
        point = "/UsagePoint/1/MeterReading/a"
        meter_reading = entry("<MeterReading xmlns='http://naesb.org/espi'/>", self_=point, related=["/ReadingType/x"])
        types = (reading_type("/ReadingType/x", powerOfTenMultiplier=3), reading_type("/ReadingType/y"))
        part = await only(parse, meter_reading, *types, block(reading(quality="8"), point=point))
        alone = Espi().alone(head=part.head.encode(), row=part.rows[0].encode())
        (again,) = [part async for rows in Espi().rows(chunks(alone), limits=limits) for part in rows.parts]
        assert isinstance(again, Readings)
        assert list(again.meters) == list(part.meters)
        assert list(again.energies) == list(part.energies)
        assert (list(again.starts), list(again.qualities)) == (list(part.starts), list(part.qualities))
        assert list(again.versions or ()) == list(part.versions or ())


class TestAFileIsRefusedWhole:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (feed(reading_type(), block(reading()))[:-20], "no well-formed XML"),
            (feed(block(reading())), "no ReadingType in this file"),
            (feed(reading_type(), reading_type("/ReadingType/2"), block(reading())), "no ReadingType in this file"),
            (feed(reading_type()), "no IntervalBlock"),
            ("<feed/>", "it must be a feed in the namespace"),
            ("<x xmlns='http://naesb.org/espi'/>", "it must be a feed in the namespace"),
            ("", "no XML"),
            ("no XML", "no XML"),
            (feed(reading_type(powerOfTenMultiplier=99), block(reading())), "powerOfTenMultiplier must be"),
        ],
    )
    async def test_with_the_reason(self, parse: Parse, text: str, reason: str) -> None:
        with pytest.raises(DeliveryRefusedError, match=reason):
            await parse(text, "espi")

    async def test_a_billion_laughs_are_not_laughed(self, parse: Parse) -> None:
        laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
        bomb = f'<!DOCTYPE feed [<!ENTITY l0 "ha">{laughs}]>' + feed("<entry><id>&l11;</id></entry>").partition("?>")[2]
        with pytest.raises(DeliveryRefusedError):
            await parse(bomb, "espi")

    async def test_nothing_is_fetched_for_an_external_entity(self, parse: Parse, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("1000")
        value = f"<!DOCTYPE feed [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>"
        text = value + feed(reading_type(), block(reading(value="&x;"))).partition("?>")[2]
        with pytest.raises(DeliveryRefusedError, match="document type"):
            await parse(text, "espi")

    async def test_auto_leaves_other_xml_alone(self) -> None:
        with pytest.raises(UnknownFormatError):
            await choose("auto", chunks(b"<feed xmlns='http://example.org/other'/>"))


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["ESPIIntervalBlock", "PGEIntervalBlock", "ESPIReadingTypes", "ESPIUsagePoints"])
async def test_a_fragment_says_what_it_lacks(parse: Parse, realdata: Path, name: str) -> None:
    with pytest.raises(DeliveryRefusedError, match=r"no ReadingType in this file|no IntervalBlock"):
        await parse((realdata / "greenbutton" / f"{name}.xml").read_bytes(), "espi")


async def chunks(content: bytes) -> AsyncIterator[bytes]:
    for first in range(0, len(content), 1000):
        yield content[first : first + 1000]
