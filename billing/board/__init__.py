"""The board of a billing cycle: what waits where, with whom, since when, and why it was sent back."""
