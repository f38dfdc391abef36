"""Objections to bills: a clock of five working days, and a resolution."""
