"""Every query of metering, explained by a real server: none may read a collection."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest

from gridhall.kit.blobs import BlobRepository
from gridhall.kit.localdays import Days, Month
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.closings.repository import ClosingRepository
from gridhall.metering.exchanges.repository import ExchangeRepository
from gridhall.metering.feed.batches.repository import BatchRepository
from gridhall.metering.feed.imports.repository import ImportRepository
from gridhall.metering.feed.repository import FeedClientRepository, QuarantineRepository
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.irregular.cases.model import CaseId, State
from gridhall.metering.irregular.cases.repository import CaseFilter, CaseRepository
from gridhall.metering.irregular.repository import NormRepository
from gridhall.metering.load.similar.model import Group
from gridhall.metering.load.similar.repository import SimilarRepository
from gridhall.metering.points.repository import MeterRepository, PointRepository
from gridhall.metering.registers.repository import RegisterRepository
from gridhall.metering.retention.repository import RetentionRepository
from gridhall.metering.rounds.own.repository import OwnReadRepository
from gridhall.metering.rounds.repository import (
    EntryRepository,
    HandReadRepository,
    RouteRepository,
    WorklistRepository,
)
from gridhall.metering.services import REPOSITORIES
from gridhall.metering.vee.exceptions.repository import ExceptionRepository, Wanted
from gridhall.metering.vee.repository import CheckRepository
from tests.factories.plans import Read, Reads, Watched, asked_by, cases, must_use_an_index, watching

A, B = UUID(int=1), UUID(int=2)
DAY, NOW = date(2026, 10, 3), datetime(2026, 10, 3, tzinfo=UTC)
DAYS, MONTH = Days(DAY, date(2026, 11, 3)), Month(2026, 10)
KEYS = [bytes(21), bytes([1]) * 21]
HERE = {"region": "zj", "limit": 10}
GROUP = Group("zj", "residential", MONTH, None, None)

READS: Reads = {
    PointRepository: {
        "by_ids": (lambda r: r.by_ids([A, B]),),
        "points_of": (lambda r: r.points_of(["M1", "M2"]),),
        "in_district": (lambda r: r.in_district("T1"),),
        "page": (lambda r: r.page(**HERE), lambda r: r.page(**HERE, after=A)),
        "pages": (lambda r: r.pages(**HERE),),
        "count": (lambda r: r.count(region="zj"),),
        "walk": (lambda r: r.walk(region="zj"),),
        "known": (lambda r: r.known(["M1"]),),
    },
    MeterRepository: {"by_numbers": (lambda r: r.by_numbers(["M1"]),)},
    HistoryRepository: {
        "days": (lambda r: r.days(KEYS),),
        "revisions": (lambda r: r.revisions(point_id=A, channel=IMPORT_KWH, day=DAY),),
        "months": (lambda r: r.months(KEYS),),
        "months_as_kept": (lambda r: r.months_as_kept(KEYS, days=[1]),),
        "heads": (lambda r: r.heads([A, B]),),
        "current": (lambda r: r.current([A, B]),),
        "curves_since": (lambda r: r.curves_since(A, since=DAY, after=KEYS[0], limit=10),),
    },
    RegisterRepository: {
        "days": (lambda r: r.days(KEYS),),
        "within": (lambda r: r.within([A, B], channel=IMPORT_KWH, days=DAYS),),
        "present": (lambda r: r.present(KEYS),),
        "told_until": (lambda r: r.told_until([A, B]),),
        "revisions": (lambda r: r.revisions(point_id=A, channel=IMPORT_KWH, day=DAY),),
    },
    SimilarRepository: {
        "figures": (lambda r: r.figures(GROUP),),
        "begin": (lambda r: r.begin(region="zj", month=MONTH, on=DAY),),
    },
    QuarantineRepository: {
        "page": (
            lambda r: r.page(limit=10),
            lambda r: r.page(limit=10, client="c"),
            lambda r: r.page(limit=10, reason="unknown-meter", settled=True),
            lambda r: r.page(limit=10, batch="b", regions=["zj"]),
            lambda r: r.page(limit=10, settled=True),
        ),
        "open": (
            lambda r: r.open(limit=10),
            lambda r: r.open(limit=10, before=(NOW, None)),
            lambda r: r.open(limit=10, reason="unknown-meter", before=(NOW, bytes(32))),
            lambda r: r.open(limit=10, batch="b", reason="unknown-meter", before=(NOW, bytes(32))),
        ),
        "of_meters": (lambda r: r.of_meters(["M1", "M2"], limit=10, after=bytes(32)),),
        "by_id": (lambda r: r.by_id(bytes(32)),),
        "by_ids": (lambda r: r.by_ids([bytes(32)]),),
    },
    FeedClientRepository: {
        "page": (lambda r: r.page(limit=10), lambda r: r.page(limit=10, after="c")),
        "by_name": (lambda r: r.by_name("c"),),
    },
    RouteRepository: {
        "load": (lambda r: r.load(["zj/R1"]),),
        "page": (
            lambda r: r.page(**HERE),
            lambda r: r.page(**HERE, units=["a/b"], reader=A, after="zj/R1"),
            lambda r: r.page(limit=10, reader=A),
        ),
        "due": (lambda r: r.due(day=3, after="", limit=10),),
        "of_points": (lambda r: r.of_points([A, B]),),
    },
    WorklistRepository: {
        "load": (lambda r: r.load("zj/R1@2026-10-03"),),
        "within": (
            lambda r: r.within(**HERE, days=DAYS),
            lambda r: r.within(**HERE, days=DAYS, units=["a/b"], reader=A, after=("2026-10-03", "zj/R1")),
        ),
        "to_close": (lambda r: r.to_close(before=DAY, limit=10),),
        "rates": (lambda r: r.rates(**HERE, units=[""], days=DAYS, after=None),),
    },
    EntryRepository: {
        "load": (lambda r: r.load(["l#p"]),),
        "page": (lambda r: r.page("l", limit=10),),
        "all_of": (lambda r: r.all_of("l"),),
        "silent_of": (lambda r: r.silent_of([A, B]),),
        "open_of": (lambda r: r.open_of([A, B]),),
    },
    HandReadRepository: {
        "load": (lambda r: r.load([A]),),
        "of_entries": (lambda r: r.of_entries([SimpleNamespace(worklist="l", point_id=A)]),),
    },
    OwnReadRepository: {
        "load": (lambda r: r.load([A]),),
        "proposed": (lambda r: r.proposed(**HERE), lambda r: r.proposed(**HERE, units=["a/b", "a/c"], after=(NOW, A))),
        "of_point": (lambda r: r.of_point(A, limit=10),),
        "waiting": (lambda r: r.waiting(A, most=3),),
    },
    ExchangeRepository: {
        "load": (lambda r: r.load(A),),
        "of_points": (lambda r: r.of_points([A, B], days=DAYS),),
        "to_replay": (lambda r: r.to_replay(now=NOW, limit=10),),
    },
    BatchRepository: {"by_id": (lambda r: r.by_id("c:k"),)},
    ImportRepository: {"by_id": (lambda r: r.by_id(bytes(32)),)},
    NormRepository: {"load": (lambda r: r.load("zj"),)},
    CaseRepository: {
        "load": (lambda r: r.load([CaseId(A)]),),
        "concerning": (lambda r: r.concerning([A, B], at=NOW),),
        "under_way": (lambda r: r.under_way([A, B]),),
        "page": (
            lambda r: r.page(CaseFilter("zj"), after=None, limit=10),
            lambda r: r.page(
                CaseFilter("zj", ("a/b", "a/c"), (State.OPEN, State.INSPECTING), "o", "T1", DAY),
                after=(0.5, A),
                limit=10,
            ),
        ),
    },
    ClosingRepository: {"of": (lambda r: r.of(KEYS, since=DAY),)},
    RetentionRepository: {
        "days": (lambda r: r.days([A, B], DAYS),),
        "revisions": (lambda r: r.revisions([A, B], DAYS),),
        "count": (lambda r: r.count([A, B], DAYS),),
        "count_findings": (lambda r: r.count_findings([A, B], MONTH),),
        "progress": (lambda r: r.progress("zj"),),
    },
    CheckRepository: {"months": (lambda r: r.months(KEYS),)},
    ExceptionRepository: {
        "load": (lambda r: r.load(KEYS),),
        "page": (
            lambda r: r.page(Wanted("zj"), after=None, limit=10),
            lambda r: r.page(Wanted("zj", ("a/b", "a/c"), code="spike"), after=(DAY, KEYS[0]), limit=10),
        ),
    },
    BlobRepository: {"load": (lambda r: r.load([A]),), "content": (lambda r: r.content(A),)},
}

ALL = (*REPOSITORIES, BlobRepository)

WRITES = {
    *(
        "add",
        "attach",
        "bring_back",
        "change",
        "close",
        "confirm",
        "decide",
        "delete",
        "delete_findings",
        "finish",
        "forget",
        "give",
    ),
    *("forget_restored", "hold", "keep", "keep_revisions", "keep_revisions_in", "keep_tallies", "note_restored", "put"),
    *("put_days", "put_in", "put_months", "raise_heads", "renew", "replace", "replayed", "save", "settle"),
    *("take_over", "tell", "withdraw"),
}
"""These name the documents that they write by `_id`."""

SORTED_IN_MEMORY = {"HandReadRepository.of_entries"}
"""What was brought for the entries of one list: few, and all of them are wanted."""


@pytest.fixture(scope="module")
async def watched(mongo_uri: str, worker: str) -> AsyncIterator[Watched]:
    beside = ("usage_revisions", "usage_months", "usage_heads", "register_revisions", "similar_homes_counts")
    async with watching(mongo_uri, database=f"test_plans_{worker}", repositories=ALL, beside=beside) as found:
        yield found


def test_every_read_of_every_repository_is_explained() -> None:
    for repository in REPOSITORIES:
        assert asked_by(repository) - WRITES == set(READS.get(repository, {})), repository.__name__


@pytest.mark.parametrize(("repository", "name", "read"), cases(READS))
async def test_a_query_reads_an_index_and_sorts_by_it(
    watched: Watched, repository: type, name: str, read: Read
) -> None:
    async for command, plans in watched.plans(repository, read):
        must_use_an_index(command, plans, may_sort=f"{repository.__name__}.{name}" in SORTED_IN_MEMORY)
