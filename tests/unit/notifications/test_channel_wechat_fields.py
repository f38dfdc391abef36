"""Values cut to the rule of their field, held against the rules of the stand-in, which were written apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.crm.wechat.templates import read_templates
from gridhall.notifications.catalogue import Registry
from gridhall.notifications.channels.wechat_fields import filled, fitted
from gridhall.simulators.wechat.templates import approved_templates


@pytest.mark.parametrize(
    ("keyword", "value", "shown"),
    [
        ("thing2", "洗衣机移到谷时段", "洗衣机移到谷时段"),
        ("thing2", "一二三四五六七八九十一二三四五六七八九十", "一二三四五六七八九十一二三四五六七八九十"),
        ("thing2", "一二三四五六七八九十一二三四五六七八九十一", "一二三四五六七八九十一二三四五六七八九…"),
        ("thing2", "两行\n  一行", "两行 一行"),
        ("thing", "", "-"),
        ("name1", "阿卜杜拉·买买提·吐尔逊江", "阿卜杜拉·买买提·…"),
        ("phrase1", "已经逾期很久", "已经逾期…"),
        ("character_string1", "户号330****001", "330****001"),
        ("character_string1", "x" * 40, "x" * 32),
        ("amount3", "¥1,234.56", "¥1234.56"),
        ("amount3", "1,234.56 元", "1234.56元"),
        ("amount3", "CNY 1,234.56", "¥1234.56"),
        ("amount3", "12345678901.00 元", "12345678901.00元"),
        ("number3", "1,234", "1234"),
        ("date4", "2026-11-03", "2026年11月3日"),
        ("date4", "2026-11-03T08:30:00", "2026年11月3日 08:30"),
        ("date4", "下周", "下周"),
        ("unheard_of1", "as it is", "as it is"),
    ],
)
def test_a_value_fits_its_field(keyword: str, value: str, shown: str) -> None:
    assert fitted(keyword, value) == shown


@given(st.text())
def test_a_thing_is_never_longer_than_twenty_characters_however_they_are_counted(text: str) -> None:
    shown = fitted("thing1", text.encode(errors="ignore").decode())
    assert 1 <= len(shown.encode("utf-16-le")) // 2 <= 20


@given(st.text())
def test_a_character_string_is_plain_and_never_longer_than_32(text: str) -> None:
    shown = fitted("character_string1", text)
    assert 1 <= len(shown) <= 32
    assert shown.isascii()


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(["thing1", "name1", "phrase1", "amount1", "date1"]),
)
def test_what_was_cut_once_is_not_cut_again(text: str, keyword: str) -> None:
    assert fitted(keyword, fitted(keyword, text)) == fitted(keyword, text)


def test_a_rare_surname_is_not_cut_in_half() -> None:
    assert fitted("name1", "𠮷" * 8) == "𠮷𠮷𠮷𠮷…"


def test_every_template_of_the_demo_takes_the_example_of_its_notification() -> None:
    approved = approved_templates()
    ours = read_templates(None)
    examples = {kind.key: example for kind, example in Registry.examples()}
    broken = {}
    for key, template in ours.items():
        values = {**examples[key].params("zh-CN"), "title": "洗衣机移到谷时段，每月约可省下好几元钱呢"}
        data = {keyword: {"value": value} for keyword, value in filled(template.fields, values).items()}
        broken[key] = approved[template.id].broken(data)
        assert approved[template.id].keywords.keys() == template.fields.keys()
    assert broken == dict.fromkeys(ours)


def test_what_a_template_names_has_to_be_there() -> None:
    with pytest.raises(KeyError):
        filled({"thing1": "absent"}, {"present": "x"})
