"""Bills of a supplier's billing system: taken in, and recomputed beside it."""
