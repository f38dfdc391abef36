"""Tariffs that an operator brings: checked, kept for ever, and read by every process beside those that ship."""
