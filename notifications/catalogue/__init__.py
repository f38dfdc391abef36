"""What can be said. A new message is one file here and one import below."""

from gridhall.notifications.catalogue.arrears_reminder import ArrearsReminder
from gridhall.notifications.catalogue.balance_crossed import BalanceCrossed
from gridhall.notifications.catalogue.balance_notice import BalanceNotice
from gridhall.notifications.catalogue.bill_issued import BillIssued
from gridhall.notifications.catalogue.code_asked import CodeAsked
from gridhall.notifications.catalogue.collection_failed import CollectionFailed
from gridhall.notifications.catalogue.dispute_answered import DisputeAnswered
from gridhall.notifications.catalogue.energy_tip import EnergyTip
from gridhall.notifications.catalogue.formal_notice import CutAhead, FormalNotice
from gridhall.notifications.catalogue.invoice_ready import InvoiceReady
from gridhall.notifications.catalogue.payment_received import PaymentReceived
from gridhall.notifications.catalogue.projected_bill_high import ProjectedBillHigh
from gridhall.notifications.catalogue.refund_over import RefundOver
from gridhall.notifications.catalogue.registry import Kind, Notification, Registry, Urgency, Way

__all__ = [
    "ArrearsReminder",
    "BalanceCrossed",
    "BalanceNotice",
    "BillIssued",
    "CodeAsked",
    "CollectionFailed",
    "CutAhead",
    "DisputeAnswered",
    "EnergyTip",
    "FormalNotice",
    "InvoiceReady",
    "Kind",
    "Notification",
    "PaymentReceived",
    "ProjectedBillHigh",
    "RefundOver",
    "Registry",
    "Urgency",
    "Way",
]
