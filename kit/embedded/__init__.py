"""Real servers out of wheels: a mongod that is a one-node replica set, and a Redis-compatible server."""

from gridhall.kit.embedded.servers import EmbeddedServers, ServerMissingError, start_servers

__all__ = ["EmbeddedServers", "ServerMissingError", "start_servers"]
