"""The schema: the viewer, nodes by id, and the mutations; with caches and limits."""

from collections.abc import Sequence
from functools import lru_cache

import strawberry
from graphql import GraphQLError
from strawberry import relay
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext

from gridhall.crm.agents.policies import may_go_rounds, may_use_desk
from gridhall.graphql import limits
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.mutations.accept_readings import accept_readings
from gridhall.graphql.mutations.add_evidence import add_evidence
from gridhall.graphql.mutations.add_note import add_note
from gridhall.graphql.mutations.approve_request import approve_request
from gridhall.graphql.mutations.ask_binding import ask_binding
from gridhall.graphql.mutations.ask_entry_reread import ask_entry_reread
from gridhall.graphql.mutations.ask_for_balance_cut import ask_for_balance_cut
from gridhall.graphql.mutations.ask_for_cut import ask_for_cut
from gridhall.graphql.mutations.ask_for_plan import ask_for_plan
from gridhall.graphql.mutations.ask_for_reread import ask_for_reread
from gridhall.graphql.mutations.ask_for_waiver import ask_for_waiver
from gridhall.graphql.mutations.ask_for_write_off import ask_for_write_off
from gridhall.graphql.mutations.ask_refund import ask_refund
from gridhall.graphql.mutations.assign_bill import assign_bill
from gridhall.graphql.mutations.assign_irregular_case import assign_irregular_case
from gridhall.graphql.mutations.assign_transfer import assign_transfer
from gridhall.graphql.mutations.auto_top_up import revoke_auto_top_up, set_auto_top_up
from gridhall.graphql.mutations.bank_mandate import add_mandate, end_mandate
from gridhall.graphql.mutations.close_billing_case import close_billing_case
from gridhall.graphql.mutations.close_counter_shift import close_counter_shift
from gridhall.graphql.mutations.confirm_binding import confirm_binding
from gridhall.graphql.mutations.confirm_irregular_case import confirm_irregular_case
from gridhall.graphql.mutations.correct_refused_row import correct_refused_row
from gridhall.graphql.mutations.decide_read import decide_read
from gridhall.graphql.mutations.dismiss_irregular_case import dismiss_irregular_case
from gridhall.graphql.mutations.dispute_bill import dispute_bill
from gridhall.graphql.mutations.edit_readings import edit_readings
from gridhall.graphql.mutations.estimate_readings import estimate_readings
from gridhall.graphql.mutations.exchange_meter import exchange_meter
from gridhall.graphql.mutations.give_route import give_route
from gridhall.graphql.mutations.leave_correction import leave_correction
from gridhall.graphql.mutations.mark_not_accessible import mark_not_accessible
from gridhall.graphql.mutations.mark_read import mark_read
from gridhall.graphql.mutations.note_authority_told import note_authority_told
from gridhall.graphql.mutations.note_contact import note_contact
from gridhall.graphql.mutations.open_counter_shift import open_counter_shift
from gridhall.graphql.mutations.pay_bills import pay_bills
from gridhall.graphql.mutations.pay_for_other import pay_for_other
from gridhall.graphql.mutations.pay_out_refund import pay_out_refund
from gridhall.graphql.mutations.promise_to_pay import promise_to_pay
from gridhall.graphql.mutations.propose_read import propose_read
from gridhall.graphql.mutations.rebill import rebill_bill
from gridhall.graphql.mutations.refuse_request import refuse_request
from gridhall.graphql.mutations.reject_bill import reject_bill
from gridhall.graphql.mutations.release_bill import release_bill
from gridhall.graphql.mutations.replay_refused_rows import replay_refused_rows
from gridhall.graphql.mutations.report_consent import report_consent
from gridhall.graphql.mutations.request_invoice import request_invoice
from gridhall.graphql.mutations.resolve_dispute import resolve_dispute
from gridhall.graphql.mutations.retry_invoice import retry_invoice
from gridhall.graphql.mutations.reverse_receipt import reverse_receipt
from gridhall.graphql.mutations.serve_notice import serve_notice
from gridhall.graphql.mutations.set_bill_alert import set_bill_alert
from gridhall.graphql.mutations.shield_account import shield_account
from gridhall.graphql.mutations.start_inspection import start_inspection
from gridhall.graphql.mutations.submit_reads import submit_reads
from gridhall.graphql.mutations.switch_mode import switch_mode
from gridhall.graphql.mutations.take_billing_case import take_billing_case
from gridhall.graphql.mutations.take_cash import take_cash
from gridhall.graphql.mutations.take_exception import take_exception
from gridhall.graphql.mutations.take_over_shift import take_over_shift
from gridhall.graphql.mutations.top_up import top_up
from gridhall.graphql.mutations.unmask import unmask
from gridhall.graphql.scalars import SCALARS
from gridhall.graphql.types.desk.desk import Desk
from gridhall.graphql.types.rounds.rounds import Rounds
from gridhall.graphql.types.viewer import Viewer
from gridhall.kit.settings import Settings

_CACHED_DOCUMENTS = 500


@strawberry.type(description="What can be asked.")
class Query:
    """What can be asked."""

    @strawberry.field(description="Anything that has an id, if the caller may see it; else null.")
    async def node(self, info: Info, id: relay.GlobalID) -> relay.Node | None:
        """Return a node by its global id."""
        try:
            if id.resolve_type(info) is not relay.Node:  # which is what all of them are, and none of them by itself
                return await id.resolve_node(info)
        except relay.GlobalIDValueError:
            pass
        raise RefusedError("input.bad_id", {"field": "id", "type": "Node"})

    @strawberry.field(description="The signed-in customer; null for a stranger.")
    def viewer(self, info: Info) -> Viewer | None:
        """Return the signed-in customer."""
        customer = info.context.customer
        return Viewer.of(customer) if customer else None

    @strawberry.field(description="The agents' desk; null for anybody but an agent.")
    def desk(self, info: Info) -> Desk | None:
        """Return the desk of the agent who asks."""
        agent = info.context.agent
        return Desk.of(agent) if agent and may_use_desk(info.context.subject) is True else None

    @strawberry.field(description="Reading rounds; null for anybody but readers and supervisors.")
    def rounds(self, info: Info) -> Rounds | None:
        """Return the rounds of the agent who asks."""
        agent = info.context.agent
        return Rounds.of(agent) if agent and may_go_rounds(info.context.subject) is True else None


@strawberry.type(description="What can be done.")
class Mutation:
    """What can be done."""

    ask_binding = ask_binding
    confirm_binding = confirm_binding
    pay_bills = pay_bills
    top_up = top_up
    ask_refund = ask_refund
    take_cash = take_cash
    reverse_receipt = reverse_receipt
    pay_out_refund = pay_out_refund
    open_shift = open_counter_shift
    close_shift = close_counter_shift
    take_over_shift = take_over_shift
    assign_transfer = assign_transfer
    add_mandate = add_mandate
    end_mandate = end_mandate
    pay_for_other = pay_for_other
    set_bill_alert = set_bill_alert
    set_auto_top_up = set_auto_top_up
    revoke_auto_top_up = revoke_auto_top_up
    request_invoice = request_invoice
    retry_invoice = retry_invoice
    switch_mode = switch_mode
    ask_for_balance_cut = ask_for_balance_cut
    promise_to_pay = promise_to_pay
    dispute_bill = dispute_bill
    note_contact = note_contact
    serve_notice = serve_notice
    ask_for_cut = ask_for_cut
    ask_for_plan = ask_for_plan
    ask_for_waiver = ask_for_waiver
    ask_for_write_off = ask_for_write_off
    shield_account = shield_account
    note_authority_told = note_authority_told
    resolve_dispute = resolve_dispute
    mark_read = mark_read
    propose_read = propose_read
    submit_reads = submit_reads
    mark_not_accessible = mark_not_accessible
    ask_entry_reread = ask_entry_reread
    give_route = give_route
    decide_read = decide_read
    exchange_meter = exchange_meter
    unmask = unmask
    add_note = add_note
    release_bill = release_bill
    reject_bill = reject_bill
    rebill_bill = rebill_bill
    leave_correction = leave_correction
    assign_bill = assign_bill
    approve_request = approve_request
    refuse_request = refuse_request
    take_billing_case = take_billing_case
    close_billing_case = close_billing_case
    accept_readings = accept_readings
    edit_readings = edit_readings
    estimate_readings = estimate_readings
    ask_reread = ask_for_reread
    take_exception = take_exception
    report_consent = report_consent
    start_inspection = start_inspection
    dismiss_irregular_case = dismiss_irregular_case
    confirm_irregular_case = confirm_irregular_case
    assign_irregular_case = assign_irregular_case
    add_evidence = add_evidence
    correct_refused_row = correct_refused_row
    replay_refused_rows = replay_refused_rows


class Schema(strawberry.Schema):
    """The schema; errors are presented by the view that knows the caller's language."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log nothing here: `errors.presented` logs what is a fault."""


def sdl() -> str:
    """Return the schema in the schema definition language, as it is committed beside this file."""
    return build_schema(Settings()).as_str() + "\n"


def build_schema(settings: Settings) -> Schema:
    """Return the schema with the limits of the settings. Made once a process for the same limits: it takes long."""
    return _built(
        most=limits.most_of(settings),
        introspection=settings.environment != "production",
        most_tokens=settings.graphql_max_tokens,
    )


@lru_cache(maxsize=4)
def _built(*, most: limits.Size, introspection: bool, most_tokens: int) -> Schema:
    rules = limits.rules(most=most, introspection=introspection)
    extensions: Sequence[object] = (
        lambda: ParserCache(maxsize=_CACHED_DOCUMENTS),
        lambda: ValidationCache(maxsize=_CACHED_DOCUMENTS),
        lambda: AddValidationRules(rules),
        lambda: MaxTokensLimiter(max_token_count=most_tokens),
    )
    return Schema(
        query=Query,
        mutation=Mutation,
        extensions=extensions,  # type: ignore[arg-type]
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    )
