"""Refused bills of suppliers, kept as they came."""
