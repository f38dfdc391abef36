"""Batches that a feed client named by a key: each is taken once, and its answer is remembered."""
