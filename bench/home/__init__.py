"""The home query: what an app's first screen asks, by gridhall and by two peers that give the same answers."""

from bench.home.row import run

__all__ = ["run"]
