"""Promises to pay and instalment plans."""
