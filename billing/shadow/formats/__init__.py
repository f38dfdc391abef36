"""The forms in which a supplier's bills come: JSON a line, CSV, Excel."""
