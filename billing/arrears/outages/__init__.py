"""When our payment channels were down."""
