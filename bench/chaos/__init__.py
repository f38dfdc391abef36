"""Proofs by force: processes are killed while they work, and afterwards everything is counted."""
