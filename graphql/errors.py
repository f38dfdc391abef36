"""Errors that a client sees: a code to act on, and words in the caller's language; of a fault, nothing inside."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from graphql import GraphQLError

from gridhall.kit.log import current_request_id, logger
from gridhall.kit.mongo import is_unavailable
from gridhall.kit.paging import BadCursorError
from gridhall.kit.subject import Refusal

if TYPE_CHECKING:
    from gridhall.graphql.context import Context

_log = logger("graphql")

CODES = {
    "access.sign_in_first": "UNAUTHENTICATED",
    "access.not_your_account": "FORBIDDEN",
    "access.not_at_the_desk": "FORBIDDEN",
    "access.not_your_district": "FORBIDDEN",
    "access.not_a_reviewer": "FORBIDDEN",
    "access.not_an_inspector": "FORBIDDEN",
    "access.not_a_reader": "FORBIDDEN",
    "access.not_a_supervisor": "FORBIDDEN",
    "access.not_yours_to_approve": "FORBIDDEN",
    "access.not_yours_to_see_to": "FORBIDDEN",
    "approvals.no_such_request": "NOT_FOUND",
    "access.not_a_collector": "FORBIDDEN",
    "arrears.no_such_account": "NOT_FOUND",
    "arrears.not_now": "NOT_NOW",
    "arrears.nothing_owed": "NOTHING_OWED",
    "arrears.agreed_before": "AGREED_BEFORE",
    "arrears.promise_too_far": "BAD_INPUT",
    "arrears.too_many_promises": "TOO_OFTEN",
    "arrears.bad_plan": "BAD_INPUT",
    "arrears.no_such_bill": "NOT_FOUND",
    "arrears.no_such_dispute": "NOT_FOUND",
    "arrears.no_such_notice": "NOT_FOUND",
    "arrears.no_such_photo": "NOT_FOUND",
    "arrears.visit_needs_photo": "NO_PHOTO",
    "arrears.bad_note": "BAD_INPUT",
    "arrears.no_penalty": "BAD_INPUT",
    "arrears.paid_meanwhile": "NOT_NOW",
    "arrears.cut_held": "CUT_NOT_ALLOWED",
    "arrears.cut_not_notified": "CUT_NOT_ALLOWED",
    "arrears.cut_eased_today": "CUT_NOT_ALLOWED",
    "arrears.cut_not_firm": "CUT_NOT_ALLOWED",
    "arrears.cut_not_reminded": "CUT_NOT_ALLOWED",
    "arrears.cut_too_early": "CUT_NOT_ALLOWED",
    "arrears.cut_paying": "CUT_NOT_ALLOWED",
    "approvals.same_person": "SECOND_PERSON_NEEDED",
    "billing_cases.no_such_case": "NOT_FOUND",
    "desk.bad_owner": "BAD_INPUT",
    "rounds.no_such_list": "NOT_FOUND",
    "rounds.no_such_entry": "NOT_FOUND",
    "rounds.no_such_route": "NOT_FOUND",
    "rounds.no_such_reader": "NOT_FOUND",
    "reads.no_meter": "NO_METER",
    "reads.no_photo": "NO_PHOTO",
    "reads.too_many_waiting": "TOO_OFTEN",
    "reads.id_reused": "ID_REUSED",
    "reads.no_such_read": "NOT_FOUND",
    "reads.decided_before": "DECIDED_BEFORE",
    "exchange.no_such_point": "NOT_FOUND",
    "exchange.in_future": "BAD_INPUT",
    "exchange.not_hanging": "EXCHANGE_IMPOSSIBLE",
    "exchange.hung_the_same_day": "EXCHANGE_IMPOSSIBLE",
    "exchange.later_exists": "EXCHANGE_IMPOSSIBLE",
    "exchange.same_meter": "EXCHANGE_IMPOSSIBLE",
    "exchange.meter_elsewhere": "EXCHANGE_IMPOSSIBLE",
    "exchange.other_zone": "EXCHANGE_IMPOSSIBLE",
    "exchange.closing_below_last": "EXCHANGE_IMPOSSIBLE",
    "exchange.id_reused": "ID_REUSED",
    "exchange.bad_registers": "BAD_INPUT",
    "exchange.other_registers": "BAD_INPUT",
    "exchange.bad_meter": "BAD_INPUT",
    "input.bad_time": "BAD_INPUT",
    "input.bad_position": "BAD_INPUT",
    "input.bad_meter": "BAD_INPUT",
    "desk.bad_reason": "BAD_INPUT",
    "desk.bad_text": "BAD_INPUT",
    "desk.bad_fields": "BAD_INPUT",
    "desk.bad_search": "BAD_INPUT",
    "desk.no_such_customer": "NOT_FOUND",
    "desk.no_such_bill": "NOT_FOUND",
    "desk.no_such_correction": "NOT_FOUND",
    "desk.bill_not_rebillable": "NOT_NOW",
    "desk.bill_cannot_be_made": "NOT_NOW",
    "desk.rebill_refused": "DECIDED_BEFORE",
    "input.bad_phone": "BAD_INPUT",
    "input.bad_cursor": "BAD_INPUT",
    "input.bad_page": "BAD_INPUT",
    "input.bad_range": "BAD_INPUT",
    "input.bad_span": "BAD_INPUT",
    "input.bad_month": "BAD_INPUT",
    "forecast.bad_limit": "BAD_INPUT",
    "input.bad_minutes": "BAD_INPUT",
    "input.bad_id": "BAD_INPUT",
    "input.bad_list": "BAD_INPUT",
    "input.bad_registers": "BAD_INPUT",
    "input.bad_confirmation": "BAD_INPUT",
    "input.bad_key": "BAD_INPUT",
    "vee.no_such_exception": "NOT_FOUND",
    "vee.changed": "CHANGED_MEANWHILE",
    "vee.not_waiting": "NOT_NOW",
    "vee.nothing_there": "NOT_NOW",
    "vee.still_gaps": "NOT_NOW",
    "vee.bad_slots": "BAD_INPUT",
    "vee.bad_reason": "BAD_INPUT",
    "feed.no_such_row": "NOT_FOUND",
    "feed.row_settled": "NOT_NOW",
    "feed.row_refused_again": "BAD_INPUT",
    "irregular.no_such_case": "NOT_FOUND",
    "irregular.no_such_photo": "NOT_FOUND",
    "irregular.not_now": "NOT_NOW",
    "irregular.changed_meanwhile": "CHANGED_MEANWHILE",
    "irregular.no_photo": "PHOTO_MISSING",
    "irregular.too_many_photos": "BAD_INPUT",
    "irregular.same_person": "SECOND_PERSON_NEEDED",
    "irregular.bad_closing": "BAD_INPUT",
    "irregular.bad_note": "BAD_INPUT",
    "irregular.bad_due": "BAD_INPUT",
    "irregular.bad_owner": "BAD_INPUT",
    "codes.wrong": "CODE_WRONG",
    "codes.too_often": "TOO_OFTEN",
    "access.looked_up_too_often": "TOO_OFTEN",
    "codes.too_many_tries": "TOO_MANY_TRIES",
    "access.not_a_cashier": "FORBIDDEN",
    "access.not_an_accountant": "FORBIDDEN",
    "access.not_yours_to_refund": "FORBIDDEN",
    "input.bad_amount": "BAD_INPUT",
    "payments.nothing_owed": "NOTHING_OWED",
    "payments.amount_refused": "AMOUNT_REFUSED",
    "payments.no_such_account": "NOT_FOUND",
    "payments.no_such_refund": "NOT_FOUND",
    "payments.key_reused": "ID_REUSED",
    "refunds.too_much": "TOO_MUCH",
    "refunds.not_refundable": "NOT_REFUNDABLE",
    "counter.no_shift": "NO_SHIFT",
    "counter.not_reversible": "NOT_NOW",
    "counter.not_to_hand_over": "NOT_NOW",
    "counter.bad_count": "BAD_INPUT",
    "bank.not_waiting": "NOT_NOW",
    "bank.bad_mandate": "BAD_INPUT",
    "bank.no_mandate": "NOT_FOUND",
    "bank.mandate_open": "NOT_NOW",
    "payments.unavailable": "PROVIDER_UNAVAILABLE",
    "prepayment.no_mandate": "NOT_NOW",
    "prepayment.not_prepaid": "NOT_NOW",
    "prepayment.bad_top_up": "BAD_INPUT",
    "prepayment.not_offered": "NOT_NOW",
    "prepayment.same_mode": "NOT_NOW",
    "prepayment.owes": "NOT_NOW",
    "prepayment.bad_stage": "BAD_INPUT",
    "prepayment.cut_not_offered": "CUT_NOT_ALLOWED",
    "prepayment.cut_not_firm": "CUT_NOT_ALLOWED",
    "prepayment.cut_not_empty": "CUT_NOT_ALLOWED",
    "prepayment.cut_not_proposed": "CUT_NOT_ALLOWED",
    "invoices.bad_title": "BAD_INPUT",
    "invoices.not_paid": "NOT_NOW",
    "invoices.nothing": "NOT_NOW",
    "invoices.invoiced_before": "NOT_NOW",
    "invoices.not_ours": "NOT_NOW",
    "invoices.not_failed": "NOT_NOW",
    "invoices.no_title": "BAD_INPUT",
    "wechat.not_linked": "WECHAT_NOT_LINKED",
    "wechat.unknown_template": "UNKNOWN_TEMPLATE",
}
"""The code that a client acts on, by the code of the refusal."""


class RefusedError(Exception):
    """A refusal on its way to the client; its words are chosen when the answer is written."""

    def __init__(self, code: str, params: Mapping[str, object] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.params = params or {}


def require(decision: Literal[True] | Refusal) -> None:
    """Go on where a policy said True. Raises RefusedError where it said no."""
    if isinstance(decision, Refusal):
        raise RefusedError(decision.code, decision.params)


def presented(error: GraphQLError, context: "Context") -> GraphQLError:
    """Return an error as the client may see it; what is not expected is logged whole and shown as a fault."""
    cause = error.original_error
    if isinstance(cause, BadCursorError):
        cause = RefusedError("input.bad_cursor")
    if isinstance(cause, RefusedError):
        text = context.hall.words.say(f"refusal.{cause.code}", language=context.language, params=cause.params)
        return _replaced(error, text, {"code": CODES[cause.code]})
    if cause is None or isinstance(cause, GraphQLError):
        # The document itself is at fault; graphql-core's words name the place and nothing of ours.
        return _replaced(error, error.message, {"code": "BAD_DOCUMENT", **(error.extensions or {})})
    if is_unavailable(cause):
        _log.error("database unavailable", path=error.path, error=type(cause).__name__)
        text = context.hall.words.say("refusal.unavailable", language=context.language)
        return _replaced(error, text, {"code": "UNAVAILABLE", "requestId": current_request_id()})
    _log.error("resolver failed", path=error.path, exc_info=cause)
    text = context.hall.words.say("refusal.fault", language=context.language)
    return _replaced(error, text, {"code": "INTERNAL", "requestId": current_request_id()})


def _replaced(error: GraphQLError, text: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        text,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
