"""Documents of metering as they were kept before."""

from gridhall.kit.migrations import Besides
from gridhall.kit.mongo import Document
from gridhall.kit.units import units_above


def with_units(first: Document, _besides: Besides) -> Document:
    """Return a document with the units in which its path lies, by which the lists of the desk are asked for.

    Only those lists need them: a document without them is read as it is.
    """
    return {**first, "units": units_above(first["orgPath"])}
