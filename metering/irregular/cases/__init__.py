"""Cases: what becomes of a suspicion, by people."""
