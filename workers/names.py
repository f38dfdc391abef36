"""The names of all jobs, and which queue each one waits in. Names stay when code moves: old messages survive."""

from typing import Final

from gridhall.kit.outbox import Routes

RELAY: Final = "outbox.relay"
SWEEP_OUTBOX: Final = "outbox.sweep"
ISSUE_CHUNK: Final = "bills.issue_chunk"
OPEN_BILL_RUN: Final = "bills.open_run"
BILL_RANGE: Final = "bills.bill_range"
TELL_BILLS: Final = "notifications.tell_bills"
TELL_PAYMENTS: Final = "notifications.tell_payments"
TELL_MONEY: Final = "notifications.tell_money"
TELL_HIGH_BILLS: Final = "notifications.tell_high_bills"
TELL_CODES: Final = "notifications.tell_codes"
SWEEP_DELIVERIES: Final = "notifications.sweep"
SCAN_ARREARS: Final = "arrears.scan"
SCAN_ARREARS_OF_REGION: Final = "arrears.scan_region"
SCAN_ARREARS_CHUNK: Final = "arrears.scan_chunk"
COMPARE_SHADOW: Final = "shadow.compare"
COMPARE_SHADOW_PAGE: Final = "shadow.compare_page"
POST_PENALTIES: Final = "arrears.post_penalties"
SPREAD_OUTAGE: Final = "arrears.spread_outage"
FREE_OUTAGE: Final = "arrears.free_outage"
PROVE_NOTICES: Final = "arrears.prove_notices"
TELL_NOTICES: Final = "notifications.tell_notices"
TELL_CUTS: Final = "notifications.tell_cuts"
TELL_REMINDERS: Final = "notifications.tell_reminders"
SPREAD_TIPS: Final = "tips.spread"
TELL_TIPS: Final = "notifications.tell_tips"
SPREAD_IRREGULAR: Final = "irregular.spread"
SCAN_IRREGULAR: Final = "irregular.scan_chunk"
LOOK_AT_BILLS: Final = "forecasts.look_at_bills"
LOOK_AT_BILLS_OF_REGION: Final = "forecasts.look_at_bills_of_region"
COUNT_HOMES: Final = "load.count_homes"
COUNT_HOMES_OF_REGION: Final = "load.count_homes_of_region"
RUN_VEE: Final = "vee.run"
VEE_CHUNK: Final = "vee.chunk"
QUESTION_BILLS: Final = "bills.question"
MAKE_WORKLISTS: Final = "rounds.make_worklists"
SPREAD_SILENT: Final = "rounds.spread_silent"
LIST_SILENT: Final = "rounds.list_silent"
REPLAY_EXCHANGES: Final = "rounds.replay_exchanges"
LIST_ASKED: Final = "rounds.list_asked"
SPREAD_RETENTION: Final = "retention.spread"
RETAIN_REGION: Final = "retention.region"
ASK_PROVIDERS: Final = "payments.ask_providers"
WATCH_PROVIDERS: Final = "payments.watch_providers"
FOLLOW_REFUNDS: Final = "payments.follow_refunds"
RECONCILE: Final = "payments.reconcile"
RUN_PREPAYMENT: Final = "prepayment.run"
RUN_PREPAYMENT_OF_REGION: Final = "prepayment.run_region"
TELL_BALANCES: Final = "notifications.tell_balances"
LOOK_AFTER_FIELD: Final = "field.look_after"
ISSUE_INVOICES: Final = "invoices.issue"
TELL_INVOICES: Final = "notifications.tell_invoices"
TELL_ANSWERS: Final = "notifications.tell_answers"
REVERSE_INVOICES: Final = "invoices.reverse"

QUEUES: Final = {
    RELAY: "outbox",
    SWEEP_OUTBOX: "outbox",
    ISSUE_CHUNK: "billing.bulk",
    OPEN_BILL_RUN: "billing.bulk",
    BILL_RANGE: "billing.bulk",
    TELL_BILLS: "notifications.bulk",
    TELL_PAYMENTS: "notifications.transactional",
    TELL_MONEY: "notifications.transactional",
    TELL_HIGH_BILLS: "notifications.bulk",
    TELL_CODES: "notifications.critical",
    SWEEP_DELIVERIES: "notifications.transactional",
    SCAN_ARREARS: "billing.bulk",
    SCAN_ARREARS_OF_REGION: "billing.bulk",
    SCAN_ARREARS_CHUNK: "billing.bulk",
    COMPARE_SHADOW: "billing.bulk",
    COMPARE_SHADOW_PAGE: "billing.bulk",
    POST_PENALTIES: "billing.bulk",
    SPREAD_OUTAGE: "billing.bulk",
    FREE_OUTAGE: "billing.bulk",
    PROVE_NOTICES: "notifications.transactional",
    TELL_NOTICES: "notifications.bulk",
    TELL_CUTS: "notifications.critical",
    TELL_REMINDERS: "notifications.bulk",
    SPREAD_TIPS: "billing.bulk",
    TELL_TIPS: "notifications.bulk",
    RUN_VEE: "metering.bulk",
    VEE_CHUNK: "metering.bulk",
    QUESTION_BILLS: "billing.bulk",
    MAKE_WORKLISTS: "metering.bulk",
    SPREAD_SILENT: "metering.bulk",
    LIST_SILENT: "metering.bulk",
    REPLAY_EXCHANGES: "metering.bulk",
    LIST_ASKED: "metering.bulk",
    SPREAD_RETENTION: "metering.bulk",
    RETAIN_REGION: "metering.bulk",
    ASK_PROVIDERS: "billing.payments",
    WATCH_PROVIDERS: "billing.payments",
    FOLLOW_REFUNDS: "billing.payments",
    RECONCILE: "billing.payments",
    RUN_PREPAYMENT: "billing.bulk",
    RUN_PREPAYMENT_OF_REGION: "billing.bulk",
    TELL_BALANCES: "notifications.transactional",
    LOOK_AFTER_FIELD: "billing.bulk",
    ISSUE_INVOICES: "billing.payments",
    TELL_INVOICES: "notifications.bulk",
    TELL_ANSWERS: "notifications.transactional",
    REVERSE_INVOICES: "billing.payments",
    SPREAD_IRREGULAR: "metering.bulk",
    SCAN_IRREGULAR: "metering.bulk",
    LOOK_AT_BILLS: "billing.bulk",
    LOOK_AT_BILLS_OF_REGION: "billing.bulk",
    COUNT_HOMES: "metering.bulk",
    COUNT_HOMES_OF_REGION: "metering.bulk",
}
"""Several queues rather than priorities, so that a million e-bills never stand before one sign-in code."""

EVENT_ROUTES: Final[Routes] = {
    "billing.bill_issued": (TELL_BILLS,),
    "billing.payment_received": (TELL_PAYMENTS,),
    "billing.refund_over": (TELL_MONEY,),
    "billing.collection_failed": (TELL_MONEY,),
    "billing.projected_bill_high": (TELL_HIGH_BILLS,),
    "billing.reminder_due": (TELL_REMINDERS,),
    "billing.arrears_day": (SCAN_ARREARS_OF_REGION,),
    "billing.arrears_chunk": (SCAN_ARREARS_CHUNK,),
    "billing.penalty_chunk": (POST_PENALTIES,),
    "billing.outage_known": (SPREAD_OUTAGE,),
    "billing.outage_chunk": (FREE_OUTAGE,),
    "billing.dispute_answered": (TELL_ANSWERS,),
    "billing.notice_made": (TELL_NOTICES,),
    "billing.cut_ahead": (TELL_CUTS,),
    "billing.balance_crossed": (TELL_BALANCES,),
    "billing.balance_cut_ahead": (TELL_BALANCES,),
    "billing.bill_cancelled": (REVERSE_INVOICES,),
    "billing.invoice_issued": (TELL_INVOICES,),
    "billing.invoice_reversed": (TELL_INVOICES,),
    "crm.code_asked": (TELL_CODES,),
    "metering.closed_day_changed": (QUESTION_BILLS,),
    "metering.reread_asked": (LIST_ASKED,),
}
"""Which jobs consume which events."""

TOLD_TO_OTHERS: Final = frozenset({"metering.irregular_confirmed"})
"""Events that no job of ours consumes: other systems take them from the outbox, which keeps them for 90 days."""
