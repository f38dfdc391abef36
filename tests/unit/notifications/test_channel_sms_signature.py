from datetime import UTC, datetime

from gridhall.notifications.channels.sms_signature import canonical_query, signed_headers


class TestAcs3:
    def test_the_published_example_gives_the_published_signature(self) -> None:
        headers = signed_headers(
            method="POST",
            host="ecs.cn-shanghai.aliyuncs.com",
            path="/",
            query={"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"},
            body=b"",
            action="RunInstances",
            version="2014-05-26",
            access_key_id="YourAccessKeyId",
            access_key_secret="YourAccessKeySecret",
            nonce="3156853299f313e23d1673dc12e1703d",
            now=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
        )
        assert headers["authorization"] == (
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,"
            "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
            "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        )

    def test_reserved_characters_are_encoded_as_the_gateway_does(self) -> None:
        assert canonical_query({"b": "a b*c~d/e+", "a": "元"}) == "a=%E5%85%83&b=a%20b%2Ac~d%2Fe%2B"
