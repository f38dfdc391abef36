"""Units of the organisation, named by paths like `gridhall/zhejiang`."""


def units_above(org_path: str) -> list[str]:
    """Return every unit in which a path lies: '' for the whole region, then the widest first, the path itself last.

    A document of a list that is asked for by unit keeps them, so that any unit's part of it is read by equality, in the
    order of an index.
    """
    parts = org_path.split("/") if org_path else []
    return ["", *("/".join(parts[: end + 1]) for end in range(len(parts)))]


def lies_in(org_path: str, unit: str) -> bool:
    """Tell whether a path is a unit or below it; all of them lie in ''."""
    return not unit or f"{org_path}/".startswith(f"{unit}/")
