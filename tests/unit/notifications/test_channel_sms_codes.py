import pytest

from gridhall.notifications.channels.port import SendState
from gridhall.notifications.channels.sms_codes import outcome


class TestWhatTheGatewayAnswers:
    def test_ok_is_sent_with_the_gateways_reference(self) -> None:
        result = outcome("OK", reference="9006")
        assert (result.state, result.provider_reference) == (SendState.SENT, "9006")

    @pytest.mark.parametrize("code", ["isv.BUSINESS_LIMIT_CONTROL", "isv.AMOUNT_NOT_ENOUGH", "Throttling.User"])
    def test_a_limit_or_an_empty_purse_is_tried_again(self, code: str) -> None:
        assert outcome(code).state is SendState.RETRY

    @pytest.mark.parametrize("code", ["isv.SMS_TEMPLATE_ILLEGAL", "SignatureDoesNotMatch", "isv.SOMETHING_NEW"])
    def test_a_refusal_is_final_and_leaves_the_number_alone(self, code: str) -> None:
        result = outcome(code)
        assert (result.state, result.reason, result.suppress_recipient) == (SendState.FAILED, code, False)

    def test_a_number_that_does_not_exist_is_not_written_to_again(self) -> None:
        assert outcome("isv.MOBILE_NUMBER_ILLEGAL").suppress_recipient
