"""The daily statements of both providers: every line to the fen, whatever stands in it, or no statement at all."""

import gzip
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from hashlib import sha1

import pytest
from hypothesis import assume, given
from hypothesis.strategies import characters, integers, lists, sampled_from, text, tuples

from gridhall.billing.payments.alipay import statement as alipay
from gridhall.billing.payments.port import BadStatementError
from gridhall.billing.payments.wechatpay import statement as wechatpay
from gridhall.kit.money import Fen, fen_of, yuan
from gridhall.simulators.paying.alipay.statement import statement as made_by_alipay
from gridhall.simulators.paying.till import PayOrder, Refund
from gridhall.simulators.paying.wechatpay.statement import statement as made_by_wechatpay
from tests.factories.paying import pay_keys

DAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
fens = integers(min_value=1, max_value=10**11)
descriptions = text(characters(codec="gbk", exclude_characters='`"', exclude_categories=("Cc",)))


def orders_of(provider: str, paid: list[tuple[int, int, str]]) -> list[PayOrder]:
    """Orders that were paid at noon, some of them given back in part."""
    made = []
    for at, (fen, back, description) in enumerate(paid):
        order = PayOrder(
            provider="wechatpay" if provider == "wechatpay" else "alipay",
            number=f"order-{at}",
            total=Fen(fen),
            description=description,
            notify_url="http://x/",
            ordered_at=NOON,
            payer="o1",
            transaction_id=f"T{at}",
            paid_at=NOON,
        )
        if 0 < back <= fen:
            order.refunds["r"] = Refund(f"r-{at}", f"R{at}", Fen(back), NOON, None, done_at=NOON)
        made.append(order)
    return made


def expected(orders: list[PayOrder]) -> list[tuple[str, int, str | None]]:
    lines: list[tuple[str, int, str | None]] = []
    for order in orders:
        lines.append((order.number, order.total, None))
        lines += [(order.number, -refund.amount, refund.number) for refund in order.refunds.values()]
    return lines


class TestWechatPay:
    @given(lists(tuples(fens, fens, descriptions), min_size=1, max_size=5))
    def test_what_is_written_is_read(self, paid: list[tuple[int, int, str]]) -> None:
        assume(not any(",`" in description for _, _, description in paid))
        orders = orders_of("wechatpay", paid)
        content = made_by_wechatpay(orders, day=DAY, keys=pay_keys().wechatpay, wrong=()) or ""
        lines = wechatpay.read_statement(content, mchid=pay_keys().wechatpay.mchid)
        assert [(line.trade_number, line.amount, line.refund_number) for line in lines] == expected(orders)
        assert {line.at for line in lines} == {NOON}

    def test_one_of_another_merchant_or_cut_anywhere_is_none(self) -> None:
        orders = orders_of("wechatpay", [(100, 50, "a,b"), (200, 0, "")])
        content = made_by_wechatpay(orders, day=DAY, keys=pay_keys().wechatpay, wrong=()) or ""
        with pytest.raises(BadStatementError, match="another merchant"):
            wechatpay.read_statement(content, mchid="1")
        rows = content.splitlines(keepends=True)
        for kept in range(len(rows)):
            with pytest.raises(BadStatementError):
                wechatpay.read_statement("".join(rows[:kept]), mchid=pay_keys().wechatpay.mchid)

    def test_an_amount_that_was_changed_does_not_sum(self) -> None:
        orders = orders_of("wechatpay", [(100, 0, "a"), (200, 0, "b")])
        content = made_by_wechatpay(orders, day=DAY, keys=pay_keys().wechatpay, wrong=()) or ""
        changed = content.replace("`2.00", "`3.00", 2)
        with pytest.raises(BadStatementError, match="does not sum"):
            wechatpay.read_statement(changed, mchid=pay_keys().wechatpay.mchid)

    def test_a_refund_that_failed_moved_no_money(self) -> None:
        (order,) = orders_of("wechatpay", [(100, 50, "a")])
        order.refunds["r"].failed = True
        content = made_by_wechatpay([order], day=DAY, keys=pay_keys().wechatpay, wrong=()) or ""
        assert len(wechatpay.read_statement(content, mchid=pay_keys().wechatpay.mchid)) == 1

    def test_the_hash_is_of_what_is_inside(self) -> None:
        content = b"told"
        packed, told = gzip.compress(content), sha1(content, usedforsecurity=False).hexdigest()
        assert wechatpay.unpacked(packed, sha1_hex=told.upper()) == "told"
        for wrong in ((packed, "0" * 40), (packed[:-3], told), (b"", told), (b"told", told)):
            with pytest.raises(BadStatementError):
                wechatpay.unpacked(wrong[0], sha1_hex=wrong[1])


class TestAlipay:
    @given(lists(tuples(fens, fens, descriptions), min_size=1, max_size=5))
    def test_what_is_written_is_read(self, paid: list[tuple[int, int, str]]) -> None:
        orders = orders_of("alipay", paid)
        packed = made_by_alipay(orders, day=DAY, keys=pay_keys().alipay, wrong=()) or b""
        lines = alipay.read_statement(alipay.unpacked(packed))
        assert [(line.trade_number, line.amount, line.refund_number) for line in lines] == expected(orders)
        assert {line.at for line in lines} == {NOON}

    def test_one_that_is_cut_anywhere_is_none(self) -> None:
        orders = orders_of("alipay", [(100, 50, "a"), (200, 0, "")])
        packed = made_by_alipay(orders, day=DAY, keys=pay_keys().alipay, wrong=()) or b""
        rows = alipay.unpacked(packed).splitlines(keepends=True)
        for kept in range(len(rows) - 1):
            with pytest.raises(BadStatementError):
                alipay.read_statement("".join(rows[:kept]))
        with pytest.raises(BadStatementError):
            alipay.unpacked(packed[:-30])

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_one_that_is_packed_in_a_way_that_cannot_be_bounded_is_none(self, method: int) -> None:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", method) as folder:
            folder.writestr("details.csv", "支付宝交易号".encode("gbk"))
        with pytest.raises(BadStatementError, match="stored or deflated"):
            alipay.unpacked(made.getvalue())

    def test_one_under_a_password_or_without_details_is_none(self) -> None:
        packed = bytearray(
            made_by_alipay(orders_of("alipay", [(1, 0, "a")]), day=DAY, keys=pay_keys().alipay, wrong=()) or b""
        )
        empty = io.BytesIO()
        zipfile.ZipFile(empty, "w").close()
        with pytest.raises(BadStatementError, match="holds no details"):
            alipay.unpacked(empty.getvalue())
        at = packed.find(b"PK\x01\x02")
        packed[at + 8] |= 1  # the directory says that the first file is encrypted
        packed[6] |= 1
        with pytest.raises(BadStatementError, match="cannot be unpacked"):
            alipay.unpacked(bytes(packed))

    def test_other_days_are_not_in_it(self) -> None:
        orders = orders_of("alipay", [(100, 0, "a")])
        assert made_by_alipay(orders, day=DAY - timedelta(days=1), keys=pay_keys().alipay, wrong=()) is None


class TestYuan:
    @given(integers(min_value=-(10**15), max_value=10**15))
    def test_an_amount_survives_the_way_there_and_back(self, fen: int) -> None:
        assert fen_of(str(yuan(fen))) == fen

    @given(sampled_from(["", ".5", "1.", "1.005", "1e3", "NaN", "１", "+1", " 1", "1 ", "1,000.00", "--1", "0x1"]))
    def test_what_is_no_exact_amount_is_none(self, written: str) -> None:
        with pytest.raises(ValueError, match="an amount in yuan"):
            fen_of(written)

    def test_short_forms_are_read(self) -> None:
        assert [fen_of(written) for written in ("88.8", "-3.00", "0", "007")] == [8880, -300, 0, 700]
