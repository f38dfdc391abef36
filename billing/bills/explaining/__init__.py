"""Explaining a bill, so that a customer can check it with a pocket calculator."""
