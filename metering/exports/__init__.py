"""Usage handed out as files."""
