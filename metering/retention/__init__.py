"""Retention: interval detail is archived or expires after its time; totals stay."""
