"""Prepayment (预付费), and balance-based supply control (费控): two things, and neither is a bill."""
