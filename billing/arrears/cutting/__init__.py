"""Notices with proof of delivery, and cutting a supply: proposed by the system, decided by two persons."""
