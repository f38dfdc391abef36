"""Closed days: those that a bill stands on. What changes on one of them afterwards is told."""
