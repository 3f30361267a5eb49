"""The section number of a mail's first text (RFC 3501 § 6.4.5, BODYSTRUCTURE), as IMAPClient reads it. Pure."""

from typing import Any

DEEPEST = 12


def first_text(structure: Any, section: str = "", depth: int = 0) -> str | None:
    """The section of the first text that is not sent along as a file, plain or HTML, such as `1` or `2.1`."""
    if depth > DEEPEST or not isinstance(structure, tuple) or not structure:
        return None
    if isinstance(structure[0], list):
        for number, part in enumerate(structure[0], 1):
            found = first_text(part, f"{section}.{number}" if section else str(number), depth + 1)
            if found is not None:
                return found
        return None
    kind, subtype = _lower(structure[0]), _lower(structure[1] if len(structure) > 1 else b"")
    if kind != "text" or subtype not in ("plain", "html") or _is_file(structure):
        return None
    return section or "1"


def _is_file(structure: tuple[Any, ...]) -> bool:
    """Its disposition, wherever the server puts it among the extensions."""
    return any(isinstance(each, tuple) and each and _lower(each[0]) == "attachment" for each in structure[2:])


def _lower(value: Any) -> str:
    return value.decode("ascii", "replace").lower() if isinstance(value, bytes) else ""
