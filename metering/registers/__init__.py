"""Register reads: the money truth beside the interval curve."""
