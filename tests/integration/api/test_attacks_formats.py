"""What a feed client with a good token may write in any format: nothing of it fails, hangs, or fills the memory."""

import gzip
import io
import struct
import time
import zipfile
from datetime import date
from typing import Final

import httpx
import pytest

from gridhall.api.state import State
from gridhall.kit.ids import new_id
from gridhall.kit.settings import Settings
from gridhall.metering.feed.clients import add_client
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points

URL, METER = "/v1/feed/readings", "330000000001"
PATIENCE_SECONDS: Final = 5
"""What takes more of our CPU than this is an attack that works; all of them take well below a second."""

ATOM, ESPI = 'xmlns="http://www.w3.org/2005/Atom"', 'xmlns="http://naesb.org/espi"'
READING = "<timePeriod><duration>900</duration><start>1788278400</start></timePeriod><value>1</value>"
READING = f"<IntervalReading>{READING}</IntervalReading>"
NEM_HEAD = b"100,NEM12,200509101000,A,B\n200,1234567890,E1,1,E1,N1,01009,kWh,30,20050910\n"
NEM_DAY = b"300,20260902," + b"0," * 48


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"feed_max_bytes": 64 * 2**20, "feed_requests_a_minute": 0})


@pytest.fixture
async def token(state: State) -> str:
    link = MeterLink(METER, date(2026, 9, 1))
    point = ServicePoint(new_id(), "zhejiang", "grid", "Asia/Shanghai", "zhejiang-tou", (link,))
    await register_points(points=[point], meters=[Meter(METER)], repository=state.metering.points)
    return await add_client(
        name="head-end", regions={"zhejiang"}, clients=state.metering.clients, now=state.clock.now()
    )


async def send(http: httpx.AsyncClient, token: str, body: bytes, format: str = "auto") -> httpx.Response:
    """Send a body, which must be answered soon and not by a fault."""
    headers = {"Authorization": f"Bearer {token}", "Content-Encoding": "gzip", "Accept-Language": "en"}
    began = time.process_time()
    answer = await http.post(f"{URL}?format={format}", content=gzip.compress(body, 1), headers=headers)
    assert answer.status_code in {200, 413, 415, 422}, answer.text
    assert time.process_time() - began < PATIENCE_SECONDS
    return answer


async def refused(http: httpx.AsyncClient, token: str, body: bytes, *words: str) -> None:
    """Send a body that is refused as a whole, for a reason with these words in it."""
    answer = await send(http, token, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "feed.refused"), answer.text
    assert all(word in answer.json()["title"] for word in words), answer.text


def reading_type(more: str = "") -> str:
    words = "<uom>72</uom><flowDirection>1</flowDirection><intervalLength>900</intervalLength>"
    link = '<link rel="self" href="/ReadingType/1"/>'
    return f"<entry>{link}<content><ReadingType {ESPI}>{words}{more}</ReadingType></content></entry>"


def green_button(links: str = "", *, kind: str = "", before: str = "", readings: int = 1, blocks: int = 1) -> bytes:
    block = f"<IntervalBlock {ESPI}>{READING * readings}</IntervalBlock>"
    entry = f"<entry>{links}<content>{block}</content></entry>"
    return f"<feed {ATOM}>{kind or reading_type()}{before}{entry * blocks}</feed>".encode()


def zipped(body: bytes, method: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("a.csv", body)
    return file.getvalue()


class TestGreenButton:
    async def test_an_address_that_a_pattern_would_be_lost_in(self, http: httpx.AsyncClient, token: str) -> None:
        # The pattern once went to the end of the line from every one of these: 19 seconds for 65 kB.
        address = "/IntervalBlock" * 130 + "&#10;x"
        await send(http, token, green_button(f'<link rel="up" href="{address}"/>', blocks=200))
        await refused(http, token, green_button(f'<link rel="up" href="{"/IntervalBlock" * 9000}"/>'), "2000")

    async def test_a_meter_reading_that_links_to_everything(self, http: httpx.AsyncClient, token: str) -> None:
        related = "".join(f'<link rel="related" href="/ReadingType/x{number}"/>' for number in range(20_000))
        meter = f'<link rel="self" href="/MeterReading/1"/>{related}'
        meter = f"<entry>{meter}<content><MeterReading {ESPI}/></content></entry>"
        await refused(http, token, green_button(before=meter), "256 links")

    async def test_millions_of_elements_that_say_nothing(self, http: httpx.AsyncClient, token: str) -> None:
        body = f"<feed {ATOM}>".encode() + b"<a/>" * 2_000_000
        await refused(http, token, body + b"</feed>", "without a reading")

    async def test_a_head_that_every_refused_reading_would_repeat(self, http: httpx.AsyncClient, token: str) -> None:
        kind = reading_type(f"<x>{'y' * 500_000}</x>")
        await refused(http, token, green_button(kind=kind, readings=2000), "16384")

    @pytest.mark.parametrize(
        "entities",
        [
            '<!ENTITY a0 "aaaaaaaaaa">'
            + "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 12)),
            '<!ENTITY a11 SYSTEM "file:///etc/hostname">',
            '<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;',
        ],
        ids=["laughs", "a-file", "an-address"],
    )
    async def test_entities(self, http: httpx.AsyncClient, token: str, entities: str) -> None:
        body = f"<!DOCTYPE feed [{entities}]><feed {ATOM}><id>&a11;</id></feed>"
        await refused(http, token, body.encode())
        answer = await send(http, token, body.replace(f"<feed {ATOM}>", f'<feed {ATOM} x="&a11;">').encode())
        assert answer.status_code in {415, 422}


class TestZip:
    async def test_a_bomb_of_a_way_of_packing_that_cannot_be_bounded(self, http: httpx.AsyncClient, token: str) -> None:
        # 600 MB of it are some hundred bytes, and were unpacked in one piece.
        for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            await refused(http, token, zipped(b" " * 2**20, method), "stored or deflated")

    async def test_a_bomb_of_the_usual_one(self, http: httpx.AsyncClient, token: str) -> None:
        answer = await send(http, token, zipped(b" " * (70 * 2**20), zipfile.ZIP_DEFLATED))
        assert (answer.status_code, answer.json()["code"]) == (413, "feed.too_large")

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    async def test_damaged_anywhere(self, http: httpx.AsyncClient, token: str, method: int) -> None:
        whole = zipped(b"meter,start,kwh\n" * 40, method)
        for place in range(4, len(whole), 7):
            damaged = bytearray(whole)
            damaged[place : place + 4] = b"\xff\xfe\xfd\xfc"
            await send(http, token, bytes(damaged))

    async def test_whose_directory_lies_before_it(self, http: httpx.AsyncClient, token: str) -> None:
        for size in (
            1000,
            6 * 2**20,
        ):  # the second one lies on disk, where a place before the beginning is no ValueError
            whole = bytearray(zipped(b"x" * size, zipfile.ZIP_STORED))
            end = whole.rfind(b"PK\x05\x06")
            whole[end + 16 : end + 20] = struct.pack("<L", 2**31)
            await refused(http, token, bytes(whole))

    async def test_that_lists_a_million_files(self, http: httpx.AsyncClient, token: str) -> None:
        one, count = zipped(b"", zipfile.ZIP_STORED), 200_000
        begin, end = one.find(b"PK\x01\x02"), one.rfind(b"PK\x05\x06")
        listed = one[begin:end] * count
        tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, len(listed), begin, 0)
        await refused(http, token, one[:begin] + listed + tail, "more files")


class TestNem:
    @pytest.mark.parametrize("first", [b"9" * 5000, b"0" * 5000 + b"1", b"-1", b"", b"1e3"])
    async def test_an_interval_that_is_no_number(self, http: httpx.AsyncClient, token: str, first: bytes) -> None:
        await refused(http, token, NEM_HEAD + NEM_DAY + b"V\n400," + first + b",48,A\n900\n", "line 4")

    async def test_a_day_told_without_end(self, http: httpx.AsyncClient, token: str) -> None:
        # Kept with its row in quarantine it would be larger than a document may be.
        await refused(http, token, NEM_HEAD + NEM_DAY + b"V\n" + b"400,1,48,A,,reason\n" * 900_000 + b"900\n", "65536")

    async def test_a_head_that_every_refused_day_would_repeat(self, http: httpx.AsyncClient, token: str) -> None:
        for head in (NEM_HEAD.replace(b",B\n", b"," + b"B" * 60_000 + b"\n"), NEM_HEAD[:-1] + b"0" * 60_000 + b"\n"):
            await refused(http, token, head + (NEM_DAY + b"A\n") * 3000 + b"900\n", "1024")

    async def test_a_record_in_thousands_of_lines(self, http: httpx.AsyncClient, token: str) -> None:
        record = NEM_DAY + b"A,\n" + b"x,\n" * 32_000
        await send(http, token, NEM_HEAD + record * 20 + b"900\n")


class TestStateGrid:
    async def test_numbers_that_no_machine_holds(self, http: httpx.AsyncClient, token: str) -> None:
        body = b'[\n{"consNo": "x", "day": "20260902", "dayElePq": "1", "n": 123456789012345678901234567890}\n]\n'
        assert (await send(http, token, body)).json()["quarantined"] == 1

    async def test_a_day_larger_than_a_document(self, http: httpx.AsyncClient, token: str, state: State) -> None:
        junk = b'"' + b"j" * 60_000 + b'",\n'
        body = b'[\n{"consNo": "x", "day": "20260902", "dayElePq": "1", "n": [\n' + junk * 270 + b"1]}]\n"
        assert (await send(http, token, body)).json()["quarantined"] == 1
        (kept,) = await state.metering.stores.quarantine.page(limit=2)
        assert len(kept.raw) < 200, "what is not read is not kept either"


class TestRefusals:
    async def test_say_little_of_a_row_that_says_much(self, http: httpx.AsyncClient, token: str) -> None:
        rows = (
            f'{{"meter": "{METER}", "day": "{"9" * 60_000}", "kwh": ["1"]}}',
            f'{{"meter": "{"m" * 60_000}", "day": "2026-09-02", "kwh": "none"}}',
            f'{{"meter": "{"m" * 60_000}", "start": "2026-09-02T00:00:00+08:00", "kwh": 1}}',
            f'{{"meter": "{METER}", "start": "{"x" * 60_000}", "kwh": 1}}',
        )
        answer = await send(http, token, "\n".join(rows).encode())
        assert answer.json()["quarantined"] == len(rows)
        assert len(answer.text) < 2000

    async def test_write_no_lines_of_their_own_where_they_are_shown(self, http: httpx.AsyncClient, token: str) -> None:
        row = r'{"meter": "\u001b[2J\nERROR: all is lost", "start": "2026-09-02T00:00:00+08:00", "kwh": 1}'
        (shown,) = (await send(http, token, row.encode())).json()["refusals"]
        assert shown["reason"].isprintable()

    async def test_are_made_of_signs_that_only_look_like_digits(self, http: httpx.AsyncClient, token: str) -> None:
        at = f"{METER},2026-09-02T00:00:00+08:00"
        rows = [f"{at},0.1,٧,15", f"{at},0.1,1_0,15", f"{at},0.1, 7,15", f"{at},0.1,0,١٥", f"{at},٠.١,0,15"]
        answer = await send(http, token, "\n".join(["meter,start,kwh,quality,minutes", *rows]).encode())
        assert (answer.json()["accepted"], answer.json()["quarantined"]) == (0, len(rows))

    @pytest.mark.parametrize("format", ["csv-long", "ndjson", "csv-wide"])
    async def test_no_number_is_stored_that_is_none(self, http: httpx.AsyncClient, token: str, format: str) -> None:
        for kwh in ("NaN", "Infinity", "1e400", "-0.1", "9" * 4400, "1e-400", "0x1", "1_0", "", "null"):
            slots = ",".join(map(str, range(1, 97)))
            body = {
                "csv-long": f"meter,start,kwh\n{METER},2026-09-02T00:00:00+08:00,{kwh}\n",
                "ndjson": f'{{"meter": "{METER}", "start": "2026-09-02T00:00:00+08:00", "kwh": {kwh or "-"}}}\n',
                "csv-wide": f"meter,day,{slots}\n{METER},2026-09-02,{','.join([kwh] * 96)}\n",
            }[format]
            answer = await send(http, token, body.encode(), format)
            assert (answer.json()["accepted"], answer.json()["corrected"]) == (0, 0), kwh
