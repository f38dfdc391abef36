"""Differences in bills and money that somebody must look into."""
