"""What a household would have paid by the other tariffs that it may choose."""
