"""Every query of billing, explained by a real server: none may read a collection, however many bills there are."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.approvals.model import Kind
from gridhall.billing.approvals.repository import ApprovalRepository, TurnRepository
from gridhall.billing.approvals.repository import Wanted as WantedRequests
from gridhall.billing.arrears.agreements.model import AgreementKind
from gridhall.billing.arrears.agreements.repository import AgreementRepository
from gridhall.billing.arrears.collecting.repository import ContactRepository
from gridhall.billing.arrears.cutting.repository import NoticeRepository
from gridhall.billing.arrears.disputes.model import DisputeState
from gridhall.billing.arrears.disputes.repository import DisputeRepository
from gridhall.billing.arrears.outages.repository import OutageRepository
from gridhall.billing.arrears.pursuits.repository import PursuitRepository
from gridhall.billing.arrears.repository import DebtRepository
from gridhall.billing.arrears.states import State as ArrearsState
from gridhall.billing.bank.repository import (
    CollectionRepository,
    ItemRepository,
    MandateRepository,
    TransferRepository,
)
from gridhall.billing.bills.model import BillId
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.cases.model import CaseKind
from gridhall.billing.cases.repository import CaseRepository
from gridhall.billing.cases.repository import Wanted as WantedCases
from gridhall.billing.corrections.repository import CorrectionRepository
from gridhall.billing.counter.model import ShiftState
from gridhall.billing.counter.repository import ReceiptRepository, ShiftRepository
from gridhall.billing.credits.repository import CreditNoteRepository
from gridhall.billing.field.repository import FieldClientRepository
from gridhall.billing.forecasts.repository import BillAlertRepository
from gridhall.billing.invoices.model import State as InvoiceState
from gridhall.billing.invoices.repository import InvoiceRepository
from gridhall.billing.ledger.repository import LedgerRepository
from gridhall.billing.payments.repository import IntentRepository, PaymentRepository
from gridhall.billing.payments.told.repository import CallbackRepository
from gridhall.billing.payments.watching.repository import MinuteRepository
from gridhall.billing.prepayment.model import Cut
from gridhall.billing.prepayment.repository import PrepaymentRepository, TopUpConsentRepository
from gridhall.billing.reconciliation.repository import ReconciliationRepository
from gridhall.billing.refunds.model import State as RefundState
from gridhall.billing.refunds.repository import RefundRepository
from gridhall.billing.runs.repository import RangeRepository, RunRepository
from gridhall.billing.services import REPOSITORIES
from gridhall.billing.shadow.deliveries.repository import DeliveryRepository
from gridhall.billing.shadow.model import Verdict
from gridhall.billing.shadow.refused.repository import RefusedBillRepository
from gridhall.billing.shadow.repository import ShadowRepository
from gridhall.billing.supply.model import SupplyKind, SupplyState
from gridhall.billing.supply.repository import SupplyRepository
from gridhall.billing.tariffs.imports.repository import TariffVersionRepository
from gridhall.billing.waits.repository import WaitRepository
from gridhall.kit.localdays import Days, Month
from tests.factories.plans import (
    NO_TRANSACTION,
    Read,
    Reads,
    Watched,
    asked_by,
    cases,
    must_use_an_index,
    watching,
)

A, B = UUID(int=1), UUID(int=2)
DAY, NOW, MONTH = date(2026, 10, 3), datetime(2026, 10, 3, tzinfo=UTC), Month(2026, 10)
HERE = {"region": "zj", "limit": 10}
TWO = ["a/b", "a/c"]
A_REFUND = {"kind": Kind.REFUND, "since": NOW, "transaction": NO_TRANSACTION}

READS: Reads = {
    AccountRepository: {
        "load": (lambda r: r.load([A, B]),),
        "by_numbers": (lambda r: r.by_numbers(["1"]),),
        "by_number": (lambda r: r.by_number("1"),),
        "versions": (lambda r: r.versions([A, B], transaction=NO_TRANSACTION),),
        "ids_of_region": (lambda r: r.ids_of_region(**HERE, after=None), lambda r: r.ids_of_region(**HERE, after=A)),
        "prepaid_ids": (lambda r: r.prepaid_ids(**HERE, after=None), lambda r: r.prepaid_ids(**HERE, after=A)),
        "by_read_day": (lambda r: r.by_read_day(region="zj"),),
        "border": (
            lambda r: r.border(region="zj", read_day=1, after=None, size=5),
            lambda r: r.border(region="zj", read_day=1, after=A, size=5),
        ),
        "ids_between": (
            lambda r: r.ids_between(**HERE, read_day=1, after=None, last=B),
            lambda r: r.ids_between(**HERE, read_day=1, after=A, last=B),
        ),
        "count": (lambda r: r.count(region="zj"),),
        "of_points": (lambda r: r.of_points([A, B]),),
        "holders_of_points": (lambda r: r.holders_of_points([A, B]),),
    },
    BillRepository: {
        "load": (lambda r: r.load([A, B]),),
        "newest": (
            lambda r: r.newest([A, B], before=None, limit=10),
            lambda r: r.newest([A, B], before=MONTH, limit=10),
        ),
        "all_of": (
            lambda r: r.all_of(A, before=None, limit=10),
            lambda r: r.all_of(A, before=(MONTH, 1), limit=10),
        ),
        "issued_before": (
            lambda r: r.issued_before([A, B], before=None, limit=10),
            lambda r: r.issued_before([A, B], before=(NOW, A), limit=10),
        ),
        "since": (lambda r: r.since([A, B], month=MONTH),),
        "before": (lambda r: r.before([A, B], since=MONTH.shift(-12), month=MONTH),),
        "billed": (lambda r: r.billed([A, B], month=MONTH),),
        "provisional": (lambda r: r.provisional([A, B]),),
        "payable": (lambda r: r.payable(A),),
        "with_money": (lambda r: r.with_money(A, transaction=NO_TRANSACTION),),
        "held": (
            lambda r: r.held(**HERE, units=TWO, after=(DAY, BillId(A))),
            lambda r: r.held(**HERE, after=None),
            lambda r: r.held(**HERE, after=None, owner="li.lei"),
        ),
        "collected": (
            lambda r: r.collected(region="zj", unit="", month=MONTH),
            lambda r: r.collected(region="zj", unit="a/b", month=MONTH),
        ),
        "count": (lambda r: r.count(region="zj", month=MONTH),),
    },
    LedgerRepository: {
        "of_account": (lambda r: r.of_account(A),),
        "page": (lambda r: r.page(A, before=None, limit=10), lambda r: r.page(A, before=(NOW, "k"), limit=10)),
        "money_before": (
            lambda r: r.money_before([A, B], before=None, limit=10),
            lambda r: r.money_before([A, B], before=(NOW, "k"), limit=10),
        ),
        "sums": (lambda r: r.sums(A), lambda r: r.sums(A, before=(NOW, "k"))),
        "sums_of": (lambda r: r.sums_of([A, B]),),
    },
    IntentRepository: {
        "load": (lambda r: r.load("1"),),
        "asked": (lambda r: r.asked("a:k"),),
        "of_payer": (lambda r: r.of_payer("a", before=(NOW, "1"), limit=10),),
        "last_started": (lambda r: r.last_started(A, since=NOW),),
        "to_ask": (lambda r: r.to_ask(now=NOW, limit=10),),
    },
    PaymentRepository: {
        "find": (lambda r: r.find(provider="p", number="1"),),
        "many": (lambda r: r.many(provider="p", numbers=["1", "2"]),),
        "of_trade": (lambda r: r.of_trade("1"),),
        "of_day": (
            lambda r: r.of_day(provider="p", begin=NOW, end=NOW, after=None, limit=10),
            lambda r: r.of_day(provider="p", begin=NOW, end=NOW, after=(NOW, "1"), limit=10),
        ),
        "page": (lambda r: r.page(A, before=(NOW, "1"), limit=10),),
        "kept": (lambda r: r.kept(provider="p", number="1"),),
        "kept_of_order": (lambda r: r.kept_of_order(provider="p", number="1", transaction=NO_TRANSACTION),),
        "paying": (lambda r: r.paying(A, bill_ids=[B], transaction=NO_TRANSACTION),),
    },
    RefundRepository: {
        "load": (lambda r: r.load(["1"]),),
        "page": (lambda r: r.page(A, before=(NOW, "1"), limit=10),),
        "due": (lambda r: r.due(before=NOW, limit=10),),
        "of_units": (lambda r: r.of_units(**HERE, units=TWO, state=RefundState.APPROVED, after=(NOW, "1")),),
        "unstated": (lambda r: r.unstated(provider="alipay", begin=NOW, end=NOW, after=(NOW, "1"), limit=10),),
    },
    ShiftRepository: {
        "load": (lambda r: r.load([A]),),
        "open_of": (lambda r: r.open_of("li.lei"),),
        "page": (lambda r: r.page(**HERE, units=TWO, state=ShiftState.OPEN, after=(NOW, A)),),
    },
    ReceiptRepository: {
        "load": (lambda r: r.load("1"),),
        "keyed": (lambda r: r.keyed(A, "k", transaction=NO_TRANSACTION),),
    },
    MandateRepository: {
        "open_of": (lambda r: r.open_of(A),),
        "load": (lambda r: r.load([A]),),
        "page": (lambda r: r.page(**HERE, bank="icbc", after=None), lambda r: r.page(**HERE, bank="icbc", after=A)),
        "banks": (lambda r: r.banks(region="zhejiang"),),
    },
    CollectionRepository: {"load": (lambda r: r.load("1"),)},
    ItemRepository: {
        "of_file": (lambda r: r.of_file("1", after=None, limit=10), lambda r: r.of_file("1", after="2", limit=10)),
        "totals": (lambda r: r.totals("1"),),
        "history": (lambda r: r.history([A, B]),),
        "load": (lambda r: r.load(["1"]),),
    },
    TransferRepository: {
        "known": (lambda r: r.known(["1"]),),
        "many": (lambda r: r.many(["1"]),),
        "load": (lambda r: r.load("1"),),
        "known_payer": (lambda r: r.known_payer("6222"),),
        "waiting": (lambda r: r.waiting(**HERE, after=None), lambda r: r.waiting(**HERE, after=(NOW, "1"))),
    },
    ReconciliationRepository: {
        "load": (lambda r: r.load("p:2026-10-03"),),
        "known": (lambda r: r.known(["p:2026-10-03"]),),
        "page": (lambda r: r.page(before=(DAY, "1"), limit=10),),
    },
    CallbackRepository: {"of_number": (lambda r: r.of_number("1"),)},
    WaitRepository: {
        "page": (
            lambda r: r.page(**HERE, month=MONTH, units=TWO, codes=["a", "b"], after=None),
            lambda r: r.page(**HERE, month=MONTH, units=TWO, codes=["a", "b"], after=(NOW, "1")),
        ),
        "of_accounts": (lambda r: r.of_accounts([A, B], month=MONTH),),
    },
    DebtRepository: {
        "due": (lambda r: r.due(**HERE, on=DAY),),
        "due_accounts": (
            lambda r: r.due_accounts(**HERE, on=DAY, after=None),
            lambda r: r.due_accounts(**HERE, on=DAY, after=("2026-10-01", A)),
        ),
        "charged_accounts": (
            lambda r: r.charged_accounts(**HERE, days=Days(DAY, DAY), after=None),
            lambda r: r.charged_accounts(**HERE, days=Days(DAY, DAY), after=("2026-10-01", A)),
        ),
        "aging": (lambda r: r.aging(region="zj", unit="a/b", today=DAY, borders=(30, 60, 90)),),
        "ever_of": (lambda r: r.ever_of(A),),
        "of_accounts": (lambda r: r.of_accounts([A, B]),),
    },
    PursuitRepository: {
        "load": (lambda r: r.load([A]),),
        "page": (
            lambda r: r.page(**HERE, states=[ArrearsState.NOTICE_SERVED], after=None),
            lambda r: r.page(**HERE, states=list(ArrearsState), units=["a/b", "a/c"], after=(NOW, A)),
        ),
        "overdue_ids": (lambda r: r.overdue_ids(**HERE, after=None), lambda r: r.overdue_ids(**HERE, after=A)),
        "queue": (
            lambda r: r.queue(**HERE, units=[""], states=list(ArrearsState), after=None),
            lambda r: r.queue(**HERE, units=["a/b", "a/c"], states=list(ArrearsState), after=(5, A)),
        ),
    },
    OutageRepository: {"touching": (lambda r: r.touching(since=NOW, until=NOW),)},
    MinuteRepository: {
        "failing": (lambda r: r.failing(since=NOW),),
        "first_answer": (lambda r: r.first_answer(since=NOW),),
    },
    SupplyRepository: {
        "load": (lambda r: r.load([A]),),
        "waiting": (
            lambda r: r.waiting(regions=["zj"], state=SupplyState.ASKED, after=None, now=NOW, limit=10),
            lambda r: r.waiting(regions=["zj"], state=SupplyState.ASKED, after=(NOW, A), now=NOW, limit=10),
        ),
        "of_accounts": (lambda r: r.of_accounts([A]),),
        "open_of": (lambda r: r.open_of(A, kind=SupplyKind.DISCONNECT),),
        "page": (lambda r: r.page(**HERE, units=["a/b", "a/c"], after=(NOW, A)),),
    },
    NoticeRepository: {
        "load": (lambda r: r.load([A]),),
        "of_accounts": (lambda r: r.of_accounts([A]),),
        "unproven": (
            lambda r: r.unproven(**HERE, since=NOW, after=(NOW, A)),
            lambda r: r.unproven(**HERE, units=TWO, since=NOW, after=(NOW, A)),
        ),
    },
    AgreementRepository: {
        "of_accounts": (lambda r: r.of_accounts([A]), lambda r: r.of_accounts([A], open_only=True)),
        "due": (lambda r: r.due(**HERE, before=DAY),),
        "count_since": (lambda r: r.count_since(A, kind=AgreementKind.PLAN, since=NOW, transaction=NO_TRANSACTION),),
    },
    DisputeRepository: {
        "load": (lambda r: r.load([A]),),
        "of_accounts": (lambda r: r.of_accounts([A], open_only=True),),
        "of_bills": (lambda r: r.of_bills([A, B]),),
        "page": (lambda r: r.page(**HERE, units=["a/b", "a/c"], state=DisputeState.OPEN, after=(DAY, A)),),
    },
    ContactRepository: {"of_accounts": (lambda r: r.of_accounts([A], before=(NOW, A)),)},
    BillAlertRepository: {
        "of": (lambda r: r.of([A, B]),),
        "page": (lambda r: r.page(**HERE, after=None), lambda r: r.page(**HERE, after=A)),
    },
    CorrectionRepository: {
        "page": (lambda r: r.page(**HERE, units=TWO, before=(NOW, A)),),
        "load": (lambda r: r.load(A),),
    },
    CreditNoteRepository: {
        "load": (lambda r: r.load([A]),),
        "of_account": (lambda r: r.of_account(A, before=(NOW, A), limit=10),),
    },
    RunRepository: {
        "load": (lambda r: r.load(A),),
        "newest_of": (lambda r: r.newest_of("zj", MONTH),),
        "page": (lambda r: r.page("zj", before=(NOW, A), limit=10),),
    },
    RangeRepository: {
        "owners": (lambda r: r.owners(A),),
        "left": (lambda r: r.left(A),),
        "progress": (lambda r: r.progress([A, B]),),
    },
    ApprovalRepository: {
        "load": (lambda r: r.load([A]),),
        "page": (
            lambda r: r.page(WantedRequests("zj"), after=None, limit=10),
            lambda r: r.page(WantedRequests("zj", ("a/b", "a/c"), kinds=(Kind.REFUND,)), after=(NOW, A), limit=10),
        ),
        "approved_by_rule": (
            lambda r: r.approved_by_rule("account_id", A, **A_REFUND),
            lambda r: r.approved_by_rule("preparer", "zhou", **A_REFUND),
        ),
    },
    TurnRepository: {},
    CaseRepository: {
        "load": (lambda r: r.load([A]),),
        "page": (
            lambda r: r.page(WantedCases("zj"), after=None, limit=10),
            lambda r: r.page(
                WantedCases("zj", ("a/b", "a/c"), kinds=(CaseKind.UNMATCHED_MONEY,), owner="li.lei"),
                after=(DAY, A),
                limit=10,
            ),
        ),
    },
    ShadowRepository: {
        "load": (lambda r: r.load(["zj:1"]),),
        "of_bills": (lambda r: r.of_bills([A, B]),),
        "page": (
            lambda r: r.page(**HERE, month=MONTH, verdicts=list(Verdict), after=None),
            lambda r: r.page(**HERE, month=MONTH, verdicts=list(Verdict), after="zj:1"),
        ),
        "count": (lambda r: r.count(region="zj", month=MONTH),),
    },
    RefusedBillRepository: {"newest": (lambda r: r.newest(limit=10),)},
    DeliveryRepository: {"kept": (lambda r: r.kept(sender="s", key="k"),)},
    PrepaymentRepository: {
        "load": (lambda r: r.load([A]),),
        "page": (lambda r: r.page(**HERE, units=TWO, cut=Cut.PROPOSED, after=(NOW, A)),),
    },
    TopUpConsentRepository: {"holding": (lambda r: r.holding([A, B]),)},
    FieldClientRepository: {"page": (lambda r: r.page(limit=10),), "by_name": (lambda r: r.by_name("c"),)},
    InvoiceRepository: {
        "load": (lambda r: r.load([A]),),
        "of_bills": (lambda r: r.of_bills([A, B]),),
        "due": (lambda r: r.due(now=NOW, limit=10),),
        "page": (
            lambda r: r.page(**HERE, units=TWO, states=list(InvoiceState), after=None),
            lambda r: r.page(**HERE, units=TWO, states=list(InvoiceState), after=(NOW, A)),
        ),
    },
}

WHOLE = {TariffVersionRepository}
"""These are read as a whole: some versions for each tariff that ever changed."""

WRITES = {
    *(
        "add",
        "append",
        "ask",
        "ask_later",
        "assign",
        "begin",
        "cancel",
        "change_balances",
        "complete",
        "decide",
        "done",
    ),
    *(
        "drop",
        "end",
        "finish",
        "give_back",
        "keep",
        "move",
        "note",
        "note_stated",
        "put",
        "remove",
        "replace",
        "replace_held",
    ),
    *("revoke", "set_closed", "set_paid", "set_placed", "set_prepaid_stays", "set_state", "settle", "stand"),
    *("supersede", "take"),
}
"""These write by `_id`, or what the reads beside them found by the same index."""

SORTED_IN_MEMORY: set[str] = set()
"""What is found of one account or bill, or of some hundred: few, and all of it is wanted."""


@pytest.fixture(scope="module")
async def watched(mongo_uri: str, worker: str) -> AsyncIterator[Watched]:
    database = f"test_billing_plans_{worker}"
    beside = ("account_numbers",)
    async with watching(mongo_uri, database=database, repositories=REPOSITORIES, beside=beside) as found:
        yield found


def test_every_read_of_billing_is_explained() -> None:
    for repository in {*REPOSITORIES} - WHOLE:
        inherited = {name for name in READS[repository] if name not in vars(repository)}
        assert asked_by(repository) - WRITES == set(READS[repository]) - inherited, repository.__name__


@pytest.mark.parametrize(("repository", "name", "read"), cases(READS))
async def test_a_query_of_billing_reads_an_index_and_sorts_by_it(
    watched: Watched, repository: type, name: str, read: Read
) -> None:
    async for command, plans in watched.plans(repository, read):
        must_use_an_index(command, plans, may_sort=f"{repository.__name__}.{name}" in SORTED_IN_MEMORY)
