"""Credit notes (冲红) and the bills made in the place of what they take back."""
