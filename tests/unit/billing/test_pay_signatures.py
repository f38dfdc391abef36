"""What WeChat Pay and Alipay sign: by their published rules, written out here once more."""

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis.strategies import binary, dictionaries, integers, sampled_from, text

from gridhall.billing.payments.alipay.merchant import Merchant as AlipayMerchant
from gridhall.billing.payments.alipay.merchant import NotSignedError as NotOfAlipayError
from gridhall.billing.payments.alipay.nodes import NoNodesError, nodes
from gridhall.billing.payments.alipay.provider import Alipay
from gridhall.billing.payments.port import Order
from gridhall.billing.payments.wechatpay.merchant import SCHEME
from gridhall.billing.payments.wechatpay.platform import Certificate, PlatformKeys
from gridhall.billing.payments.wechatpay.sealed import SealedWronglyError, opened
from gridhall.billing.payments.wechatpay.signed import NotSignedError, Stamp
from gridhall.kit.clock import FixedClock
from gridhall.kit.money import Fen
from gridhall.simulators.app import Addresses
from gridhall.simulators.paying.wechatpay.signing import headers
from tests.factories.paying import pay_keys, providers_at

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
KEYS = pay_keys().wechatpay


def judge(signed: dict[str, str], body: bytes, *, now: datetime = NOW) -> None:
    Stamp.read(signed, now=now).require(KEYS.public.public_key(), body)


class TestStamp:
    def test_a_true_one_is_believed_whatever_the_case_of_its_headers(self) -> None:
        signed = headers(KEYS.public, KEYS.public_id, "{}", now=NOW)
        judge(signed, b"{}")
        judge({name.lower(): value for name, value in signed.items()}, b"{}")
        assert Stamp.read(signed, now=NOW).serial == KEYS.public_id

    @given(integers(min_value=-400, max_value=400))
    def test_five_minutes_either_way_and_no_more(self, seconds: int) -> None:
        signed = headers(KEYS.public, KEYS.public_id, "{}", now=NOW)
        later = NOW + timedelta(seconds=seconds)
        if abs(seconds) <= 300:
            judge(signed, b"{}", now=later)
        else:
            with pytest.raises(NotSignedError, match="5 minutes"):
                judge(signed, b"{}", now=later)

    @given(binary(max_size=20))
    def test_another_body_is_not(self, body: bytes) -> None:
        signed = headers(KEYS.public, KEYS.public_id, '{"a":1}', now=NOW)
        with pytest.raises(NotSignedError, match="wrong"):
            judge(signed, body)

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"Wechatpay-Signature": "WECHATPAY/SIGNTEST/" + b64encode(b"x" * 256).decode()}, "a probe"),
            ({"Wechatpay-Signature": ""}, "no signature"),
            ({"Wechatpay-Signature": "%%%"}, "no signature"),
            ({"Wechatpay-Signature": b64encode(b"x" * 5000).decode()}, "no signature"),
            ({"Wechatpay-Timestamp": ""}, "no timestamp"),
            ({"Wechatpay-Timestamp": "-1"}, "no timestamp"),
            ({"Wechatpay-Timestamp": "９" * 10}, "no timestamp"),
            ({"Wechatpay-Timestamp": "9" * 400}, "no timestamp"),
            ({"Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"}, "another kind"),
            ({"Wechatpay-Nonce": "other"}, "wrong"),
        ],
    )
    def test_what_is_changed_is_refused_and_says_why(self, changes: dict[str, str], why: str) -> None:
        signed = headers(KEYS.public, KEYS.public_id, "{}", now=NOW)
        with pytest.raises(NotSignedError, match=why):
            judge({**signed, **changes}, b"{}")


class TestPlatformKeys:
    CERTIFICATE = Certificate("AB12", KEYS.platform.public_key(), NOW - timedelta(days=1), NOW + timedelta(days=1))

    def test_a_certificate_is_found_by_its_serial_within_its_time(self) -> None:
        keys = PlatformKeys(given={}, downloads=True)
        keys.keep([self.CERTIFICATE])
        assert keys.find("00ab12", now=NOW) is not None
        assert keys.find("AB13", now=NOW) is None
        assert keys.find("AB12", now=NOW + timedelta(days=1)) is None

    def test_strange_serials_fetch_once_a_minute_and_known_ones_twice_a_day(self) -> None:
        keys = PlatformKeys(given={"PUB_KEY_ID_1": KEYS.public.public_key()}, downloads=True)
        assert keys.should_fetch("AB12", now=NOW)
        keys.asked(now=NOW)
        keys.keep([self.CERTIFICATE])
        assert not keys.should_fetch("FFFF", now=NOW + timedelta(seconds=59))
        assert keys.should_fetch("FFFF", now=NOW + timedelta(seconds=60))
        assert not keys.should_fetch("AB12", now=NOW + timedelta(hours=11))
        assert keys.should_fetch("AB12", now=NOW + timedelta(hours=12))
        assert not keys.should_fetch("PUB_KEY_ID_1", now=NOW + timedelta(days=9))
        assert not PlatformKeys(given={}, downloads=False).should_fetch("AB12", now=NOW)


class TestSeals:
    KEY = b"0123456789abcdef0123456789abcdef"

    def sealed(self, content: bytes, about: str) -> dict[str, str]:
        ciphertext = AESGCM(self.KEY).encrypt(b"abcdefghijkl", content, about.encode())
        return {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": "abcdefghijkl",
            "associated_data": about,
            "ciphertext": b64encode(ciphertext).decode(),
        }

    @given(binary(max_size=50), text(max_size=10))
    def test_what_is_sealed_is_opened(self, content: bytes, about: str) -> None:
        assert opened(self.sealed(content, about), v3_key=self.KEY) == content

    @pytest.mark.parametrize("name", ["algorithm", "nonce", "associated_data", "ciphertext"])
    @pytest.mark.parametrize("value", ["x", "", None, 5])
    def test_nothing_of_it_may_be_changed(self, name: str, value: object) -> None:
        with pytest.raises(SealedWronglyError):
            opened({**self.sealed(b"{}", "transaction"), name: value}, v3_key=self.KEY)


class TestAlipayRule:
    KEYS = pay_keys().alipay

    def merchant(self) -> AlipayMerchant:
        own = pay_keys().wechatpay.public
        return AlipayMerchant(self.KEYS.app_id, self.KEYS.seller_id, own, self.KEYS.gateway.public_key())

    async def test_the_page_is_signed_over_the_sorted_pairs_with_the_type_of_the_signature(self) -> None:
        """By https://opendocs.alipay.com: all but `sign` and what is empty, by name, joined by &, unescaped."""
        async with httpx.AsyncClient() as http:
            stands = Addresses("https://openapi.example", 1)
            provider = providers_at(stands, http, clock=FixedClock(NOW))["alipay"]
            assert isinstance(provider, Alipay)
            placed = await provider.place(Order("a" * 32, Fen(123456), "电费 & more=1", expires_at=NOW))
        said = {name: value for name, (value,) in parse_qs(urlsplit(str(placed.pay_url)).query).items()}
        content = orjson.loads(said["biz_content"])
        assert (content["total_amount"], content["time_expire"]) == ("1234.56", "2026-11-22 12:00:00")
        assert (said["timestamp"], said["sign_type"]) == ("2026-11-22 12:00:00", "RSA2")
        signature = b64decode(said.pop("sign"))
        message = "&".join(f"{name}={said[name]}" for name in sorted(said))
        self.KEYS.merchant.verify(signature, message.encode(), PKCS1v15(), SHA256())

    @given(dictionaries(text("abcdef_", min_size=1, max_size=8), text(max_size=12), max_size=8))
    def test_a_notice_is_signed_without_the_type_of_the_signature(self, told: dict[str, str]) -> None:
        message = "&".join(f"{name}={value}" for name, value in sorted(told.items()) if value)
        signature = self.KEYS.gateway.sign(message.encode(), PKCS1v15(), SHA256())
        notice = {**told, "sign": b64encode(signature).decode(), "sign_type": "RSA2"}
        self.merchant().require_notice(notice)
        for changed in ({**notice, "extra": "1"}, {**notice, "sign_type": "RSA"}, {**notice, "sign": "eA=="}):
            with pytest.raises(NotOfAlipayError):
                self.merchant().require_notice(changed)


class TestNodes:
    def test_the_text_of_a_node_is_as_it_came(self) -> None:
        found = nodes(' {"a_response" : {"x":"\\/ \\u7535","n":1.50} ,"sign":"s"} ')
        assert found["a_response"].text == '{"x":"\\/ \\u7535","n":1.50}'
        assert (found["a_response"].value["x"], found["sign"].value) == ("/ 电", "s")

    def test_a_node_inside_a_text_is_no_node(self) -> None:
        found = nodes('{"x":"{\\"a_response\\":{}}","a_response":{"b":1}}')
        assert found["a_response"].text == '{"b":1}'

    @pytest.mark.parametrize(
        "written", ["", "[]", "{", "{}", '{"a":1', '{"a":1}x', '{"a":1,"a":2}', "{1:2}", '{"a" 1}']
    )
    def test_what_is_no_object_of_named_values_is_none(self, written: str) -> None:
        with pytest.raises(NoNodesError):
            nodes(written)

    @given(dictionaries(text(max_size=5), sampled_from([None, 1, "x", [1], {"a": {}}]), min_size=1, max_size=5))
    def test_every_value_of_an_object_is_found(self, told: dict[str, object]) -> None:
        read = nodes(orjson.dumps(told).decode())
        assert {name: node.value for name, node in read.items()} == told


def test_the_scheme_is_the_one_of_certificates_of_two_kilobits() -> None:
    assert SCHEME == "WECHATPAY2-SHA256-RSA2048"
    assert KEYS.merchant.key_size == 2048
