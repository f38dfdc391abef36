"""What an agent asks at the desk, and the ids that the desk gives out."""

from collections.abc import Awaitable, Callable
from typing import Any

from strawberry import relay

from gridhall.billing.bills.model import Bill
from gridhall.crm.customers.model import Customer

Ask = Callable[..., Awaitable[dict[str, Any]]]
"""Posts a document as an agent, with its variables by name; returns the whole answer."""

NOTE = """mutation($id: ID!, $text: String!, $key: String!) {
  addNote(input: {customerId: $id, text: $text, idempotencyKey: $key}) {
    __typename ... on NoteAdded { agent text at } ... on Refused { code message } } }"""
UNMASK = """mutation($id: ID!, $fields: [PersonalField!]!, $reason: String!) {
  unmask(input: {customerId: $id, fields: $fields, reason: $reason}) {
    __typename ... on Unmasked { values { field value accountNumber } } ... on Refused { code message } } }"""
DECIDE = """mutation($id: ID!, $reason: String!) { %sBill(input: {id: $id, reason: $reason}) {
  __typename ... on Refused { code message } ... on BillNotHeld { bill { status decision { by reason } } }
  ... on Bill%sd { bill { status decision { by reason } } } } }"""
RELEASE, REJECT = DECIDE % ("release", "Release"), (DECIDE % ("reject", "Reject")).replace("Rejectd", "Rejected")


def customer_id(customer: Customer) -> str:
    """The id of a customer as the desk has it."""
    return str(relay.GlobalID("DeskCustomer", str(customer.id)))


def bill_id(bill: Bill) -> str:
    """The id of a bill as the desk has it."""
    return str(relay.GlobalID("DeskBill", str(bill.id)))
