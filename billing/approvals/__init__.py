"""Separation of duties: what one person prepares above a limit, another approves."""
