"""Tariffs as versioned data, and the engine that prices a month by them."""
