from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.accounts.model import Balance
from gridhall.billing.ledger import postings
from gridhall.billing.ledger.model import Book, Entry, Posting, PostingKind, UnbalancedPostingError, effect
from gridhall.kit.ids import new_id
from gridhall.kit.money import Fen
from tests.factories.accounts import an_account

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ACCOUNT = an_account()

amounts = st.integers(0, 10**9).map(Fen)
money = st.tuples(amounts, amounts).filter(any)


def posted(*entries: Entry) -> Posting:
    return Posting("k", PostingKind.CHARGE, ACCOUNT.id, "zhejiang", NOW, entries)


@given(st.lists(st.builds(Entry, st.sampled_from(Book), st.integers(-100, 100).map(Fen)), max_size=4))
def test_a_posting_exists_only_if_it_balances(entries: list[Entry]) -> None:
    if entries and sum(entry.amount for entry in entries) == 0:
        assert posted(*entries).entries == tuple(entries)
    else:
        with pytest.raises(UnbalancedPostingError, match="do not sum to zero"):
            posted(*entries)


@given(amounts)
def test_a_charge_is_owed(total: Fen) -> None:
    charge = postings.charge(account=ACCOUNT, bill_id=new_id(), total=total, now=NOW)
    assert effect([charge]) == {ACCOUNT.id: Balance(owed=total)}


@given(money)
def test_a_payment_lowers_what_is_owed_and_puts_the_rest_by(came: tuple[Fen, Fen]) -> None:
    to_bills, to_prepaid = came
    payment = postings.payment(
        account=ACCOUNT,
        provider="counter",
        number="1",
        cash=Book.CASH_COUNTER,
        to_bills=to_bills,
        to_prepaid=to_prepaid,
        now=NOW,
    )
    assert effect([payment]) == {ACCOUNT.id: Balance(owed=Fen(-to_bills), prepaid=to_prepaid)}
    assert payment.on(Book.CASH_COUNTER) == to_bills + to_prepaid


def test_a_payment_of_nothing_is_no_posting() -> None:
    nothing = Fen(0)
    with pytest.raises(UnbalancedPostingError):
        postings.payment(
            account=ACCOUNT,
            provider="counter",
            number="1",
            cash=Book.CASH_COUNTER,
            to_bills=nothing,
            to_prepaid=nothing,
            now=NOW,
        )


@given(amounts)
def test_prepaid_money_that_pays_a_bill_is_gone_and_the_bill_is_not_owed(amount: Fen) -> None:
    transfer = postings.transfer_prepaid(account=ACCOUNT, bill_id=new_id(), amount=amount, now=NOW)
    assert effect([transfer]) == {ACCOUNT.id: Balance(owed=Fen(-amount), prepaid=Fen(-amount))}


def test_the_postings_of_several_accounts_are_kept_apart() -> None:
    other = an_account(2)
    charges = [
        postings.charge(account=account, bill_id=new_id(), total=Fen(total), now=NOW)
        for account, total in ((ACCOUNT, 100), (other, 20), (ACCOUNT, 3))
    ]
    assert effect(charges) == {ACCOUNT.id: Balance(owed=Fen(103)), other.id: Balance(owed=Fen(20))}


def test_a_bill_is_charged_under_its_own_key() -> None:
    bill_id = new_id()
    keys = {
        postings.charge(account=ACCOUNT, bill_id=bill_id, total=Fen(1), now=NOW).key,
        postings.transfer_prepaid(account=ACCOUNT, bill_id=bill_id, amount=Fen(1), now=NOW).key,
    }
    assert keys == {f"charge:{bill_id}", f"transfer:{bill_id}"}
