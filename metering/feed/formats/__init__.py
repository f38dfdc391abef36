"""Formats of the feed, one file each."""
