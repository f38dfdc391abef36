import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.crm.customers.model import masked_name
from gridhall.crm.customers.phone import BadPhoneError, masked_phone, normal_phone

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@given(mobiles, st.sampled_from(["", "+86", "0086", "+86 ", "(+86)", "+86-"]), st.sampled_from(["", " ", "-"]))
def test_however_a_number_is_written_it_is_the_same(phone: str, prefix: str, gap: str) -> None:
    written = f" {prefix}{phone[:3]}{gap}{phone[3:7]}{gap}{phone[7:]}\n"
    assert normal_phone(written) == phone


@given(mobiles)
def test_the_normal_form_is_kept(phone: str) -> None:
    assert normal_phone(phone) == phone


@pytest.mark.parametrize(
    "text",
    [
        "",
        "13800000",
        "138000000011",
        "12800000001",
        "03800000001",
        "057188888888",
        "+8513800000001",
        "1380000000a",
        "138００００００００",
        "138٠٠٠٠٠٠٠١",
        "13800000001x",
        "+86+8613800000001",
    ],
)
def test_what_is_no_mainland_mobile_number_is_refused(text: str) -> None:
    with pytest.raises(BadPhoneError, match="11 digits that begins with 13 to 19"):
        normal_phone(text)


@given(st.text(max_size=30))
def test_whatever_is_accepted_is_eleven_plain_digits(text: str) -> None:
    try:
        phone = normal_phone(text)
    except BadPhoneError:
        return
    assert phone.isascii()
    assert phone.isdigit()
    assert len(phone) == 11


def test_an_error_does_not_repeat_what_may_be_somebodys_number() -> None:
    with pytest.raises(BadPhoneError) as error:
        normal_phone("057188888888")
    assert "057188888888" not in str(error.value)


@given(mobiles)
def test_a_masked_number_shows_its_ends_only(phone: str) -> None:
    masked = masked_phone(phone)
    assert (masked[:3], masked[3:7], masked[7:]) == (phone[:3], "****", phone[7:])


@pytest.mark.parametrize(("name", "masked"), [("王小明", "王**"), ("王明", "王*"), ("欧阳小明", "欧***"), ("", "")])
def test_a_masked_name_shows_its_first_character_only(name: str, masked: str) -> None:
    assert masked_name(name) == masked
