"""Requests to the field system: cut a supply, or restore it. It acknowledges, and tells when it is done."""
