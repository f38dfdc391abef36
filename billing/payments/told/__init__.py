"""What online providers tell us, by callbacks and when asked: kept as evidence, settled, or made a case."""
