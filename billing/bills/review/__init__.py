"""The first review (复核): small named rules; what one of them finds holds the bill for a person."""

from gridhall.billing.bills.review.model import Evidence, Limits, SameWeeks, Thresholds, limits_of
from gridhall.billing.bills.review.rules import RULES, VERSION, Reviewed, review

__all__ = ["RULES", "VERSION", "Evidence", "Limits", "Reviewed", "SameWeeks", "Thresholds", "limits_of", "review"]
