"""Migrations: documents of an old schema are made those of the next while the service runs (ADR 0007)."""

from gridhall.kit.migrations.model import Added, Besides, SchemaStep, renamed, steps_of

__all__ = ["Added", "Besides", "SchemaStep", "renamed", "steps_of"]
