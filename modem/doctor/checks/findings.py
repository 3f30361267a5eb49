"""What the doctor says."""

from dataclasses import dataclass
from typing import Literal

# fault    nothing goes out, or not as it should, until somebody does something
# warning  it works, and will not always
# note     good to know
Severity = Literal["fault", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("fault", "warning", "note")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, in French: what, what it means, what to do. `modem` is "" where it is the box's."""

    severity: Severity
    title: str
    meaning: str
    advice: str
    modem: str = ""
