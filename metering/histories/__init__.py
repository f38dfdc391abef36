"""Usage histories: what was drawn and fed in, by slot, day and month."""
