"""The people of the demo: invented, the same at every start."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from gridhall.simulators.households import Household

_NAMESPACE = UUID("7c1de3c5-0f0e-5c8a-9a5b-3f2d5d1f6a10")
_SEED = 20261101

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
_GIVEN = (
    "小明",
    "丽",
    "建国",
    "秀英",
    "伟",
    "芳",
    "子涵",
    "志强",
    "敏",
    "静",
    "浩然",
    "雨桐",
    "国庆",
    "桂兰",
    "俊杰",
    "欣怡",
)
_STREETS = {
    "zhejiang": ("浙江省杭州市西湖区", "浙江省宁波市海曙区", "浙江省嘉兴市南湖区"),
    "shaanxi": ("陕西省西安市雁塔区", "陕西省咸阳市秦都区", "陕西省宝鸡市金台区"),
}
_ACCOUNT_PREFIX = {"zhejiang": "3301", "shaanxi": "6101"}


@dataclass(frozen=True, slots=True)
class Resident:
    """The holder of a demo account, with everything that the system of record would tell."""

    household: Household
    name: str
    phone: str
    mail: str
    address: str
    account_number: str
    time_of_use: bool

    @property
    def customer_id(self) -> UUID:
        """Ids of the demo follow from the number, so that a second start finds what the first one made."""
        return uuid5(_NAMESPACE, f"customer {self.household.number}")

    @property
    def account_id(self) -> UUID:
        """The account's id."""
        return uuid5(_NAMESPACE, f"account {self.household.number}")

    @property
    def point_id(self) -> UUID:
        """The service point's id."""
        return uuid5(_NAMESPACE, f"point {self.household.number}")

    @property
    def tariff(self) -> str:
        """Two of three have chosen time-of-use prices."""
        return f"{self.household.region}-residential{'-tou' if self.time_of_use else ''}"

    @property
    def calendar(self) -> str:
        """The calendar by which the meter's registers count."""
        return f"{self.household.region}-tou" if self.time_of_use else "single"


def residents(households: Sequence[Household]) -> tuple[Resident, ...]:
    """Return the holders of the households' accounts."""
    return tuple(_resident(household) for household in households)


def _resident(household: Household) -> Resident:
    number = household.number
    draw = random.Random(_SEED + number)  # noqa: S311 - invented people, the same every time
    street = draw.choice(_STREETS[household.region])
    house, block, flat = draw.randint(1, 99), draw.randint(1, 30), draw.randint(2, 18) * 100 + draw.randint(1, 4)
    return Resident(
        household=household,
        name=draw.choice(_SURNAMES) + draw.choice(_GIVEN),
        phone=f"1380000{number:04d}",
        mail=f"resident{number:02d}@demo.example",
        address=f"{street}示范路{house}号{block}幢{flat}室",
        account_number=f"{_ACCOUNT_PREFIX[household.region]}{number:06d}",
        time_of_use=number % 3 != 0,
    )
