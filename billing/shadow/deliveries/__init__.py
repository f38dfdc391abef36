"""Deliveries of suppliers that were named by a key."""
