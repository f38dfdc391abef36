"""Files of usage, read back by other programs to the same numbers."""

import csv
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest
from python_calamine import CalamineWorkbook

from gridhall.kit.localdays import Days
from gridhall.kit.words import Words
from gridhall.metering.exports.cells import Labels, harmless
from gridhall.metering.exports.csv_file import usage_csv
from gridhall.metering.exports.excel_file import usage_excel
from gridhall.metering.exports.order import ExportOrder
from gridhall.metering.exports.xml_file import usage_xml
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.model import IntakeReport
from gridhall.metering.histories.queries import interval_series
from gridhall.metering.histories.ranges import Resolution
from gridhall.metering.points.model import ServicePoint

Feed = Callable[..., Awaitable[IntakeReport]]

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAYS = Days(date(2026, 9, 20), date(2026, 10, 11))
LABELS = Labels(Words(["gridhall.metering"]), "zh-CN")


@pytest.fixture
async def order(feed: Feed, points: list[ServicePoint]) -> ExportOrder:
    """Three weeks of M0, over a change of month; the 3rd of October lacks an hour, the 5th is estimated."""
    rows = []
    for number, day in enumerate(DAYS):
        kwh: list[str | None] = [f"0.{(number * 37 + slot * 11) % 1000:03d}" for slot in range(96)]
        if day == date(2026, 10, 3):
            kwh[40:44] = [None] * 4
        quality = 8 if day == date(2026, 10, 5) else 0
        rows.append(orjson.dumps({"meter": "M0", "day": day.isoformat(), "kwh": kwh, "quality": quality}).decode())
    assert (await feed("\n".join(rows))).quarantined == 0
    return ExportOrder(
        point=points[0],
        number=1,
        channels=("import-kwh",),
        days=DAYS,
        resolution=Resolution.INTERVAL,
        today=date(2026, 11, 1),
    )


async def whole(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def csv_rows(order: ExportOrder, stores: IntakeStores) -> list[list[str]]:
    content = await whole(usage_csv([order], histories=stores.histories, labels=LABELS))
    assert content.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


async def kept(order: ExportOrder, stores: IntakeStores) -> list[Decimal | None]:
    series = await interval_series(point=order.point, days=order.days, histories=stores.histories)
    return [None if value is None else Decimal(value).scaleb(-series.scale) for value in series.values]


class TestCsv:
    async def test_reads_back_to_the_same_numbers(self, order: ExportOrder, stores: IntakeStores) -> None:
        header, *rows = await csv_rows(order, stores)
        assert header[:3] == ["开始时间", "时长（分钟）", "日期"]
        assert [Decimal(row[6]) if row[6] else None for row in rows] == await kept(order, stores)
        starts = [datetime.fromisoformat(row[0]) for row in rows]
        assert {later - earlier for earlier, later in pairwise(starts)} == {timedelta(minutes=15)}
        assert rows[0][:6] == ["2026-09-20T00:00:00+08:00", "15", "2026-09-20", "1", "用电量", "谷"]
        assert {row[8] for row in rows} == {"有效", "缺失", "按相似日估算"}

    @pytest.mark.parametrize("resolution", [Resolution.DAY, Resolution.MONTH, Resolution.YEAR])
    async def test_of_longer_slots_adds_up_to_the_same(
        self, order: ExportOrder, stores: IntakeStores, resolution: Resolution
    ) -> None:
        header, *rows = await csv_rows(replace(order, resolution=resolution), stores)
        total = sum(value for value in await kept(order, stores) if value is not None)
        assert sum(Decimal(row[3]) for row in rows) == total
        assert sum(Decimal(cell) for row in rows for cell in row[8:]) == total
        assert header[8:] == ["峰", "谷"]

    async def test_says_of_a_day_past_its_time_that_its_detail_is_not_kept(
        self, order: ExportOrder, stores: IntakeStores
    ) -> None:
        await stores.histories._days.delete_many({})
        _, *rows = await csv_rows(replace(order, expired_before=date(2026, 10, 1)), stores)
        assert [rows[0][8], rows[-1][8]] == ["明细已过保存期限", "缺失"]

    def test_has_no_cell_that_a_spreadsheet_would_run(self) -> None:
        assert [harmless(text) for text in ("=1+1", "+1", "-1", "@a", "\tx", "峰")] == [
            "'=1+1",
            "'+1",
            "'-1",
            "'@a",
            "'\tx",
            "峰",
        ]


class TestExcel:
    async def test_reads_back_to_the_same_numbers(
        self, order: ExportOrder, stores: IntakeStores, tmp_path: Path
    ) -> None:
        file = tmp_path / "usage.xlsx"
        await usage_excel([order], file=file, title="=户号", histories=stores.histories, labels=LABELS, now=NOW)
        book = CalamineWorkbook.from_path(file)
        assert book.sheet_names == ["汇总", "1 用电量"]
        _, *rows = book.get_sheet_by_name("1 用电量").to_python()
        found: list[Any] = [row[5] for row in rows]
        expected = await kept(order, stores)
        assert [None if value == "" else Decimal(str(value)) for value in found] == expected
        summary = book.get_sheet_by_name("汇总").to_python(skip_empty_area=False)
        assert summary[0][0] == "=户号"
        assert [row[0] for row in summary[3:5]] == ["2026-09", "2026-10"]
        total = sum(value for value in expected if value is not None)
        assert sum(Decimal(str(row[3])) for row in summary[3:5]) == total


class TestGreenButton:
    async def test_has_every_value_that_is_there_and_no_other(self, order: ExportOrder, stores: IntakeStores) -> None:
        parts = await usage_xml(order, title="<1>", histories=stores.histories, labels=LABELS, now=NOW)
        content = b"".join(parts).decode()
        found = [int(text) for text in re.findall(r"<value>(\d+)</value>", content)]
        expected = [int(value * 1000) for value in await kept(order, stores) if value is not None]
        assert found == expected
        assert "&lt;1&gt;" in content
