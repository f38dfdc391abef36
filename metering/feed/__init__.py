"""The meter feed: formats, the door with its checks, the intake, quarantine, and the clients that may feed."""
