"""The hours and days in which a member wants no SMS except alerts about danger to life: as typed, and as stored."""

import re
from datetime import date
from typing import Literal

from rules.refusals import Refusal

# Those in quiet hours are spared, get it all the same, or as the kind of the order says.
Quiet = Literal["", "spare", "ring"]
_TIME = r"(\d{1,2})\s?(?:[:.hu]\s?(\d{2})?)?\s?(?:h|uur|uhr)?"
_HOURS = re.compile(rf"(?:de|van|von|from)?\s*{_TIME}\s*(?:-|–|à|a|tot|bis|to|until)\s*{_TIME}", re.IGNORECASE)
_DAY = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")


def read_hours(text: str) -> str:
    """`22:00-07:00` of « 22h-7h » or « de 22:00 à 7:00 », on the clock in Belgium; empty for none. Raises Refusal."""
    if not text.strip():
        return ""
    match = _HOURS.fullmatch(text.strip())
    hours, minutes = (match.group(1, 3), match.group(2, 4)) if match else ((), ())
    times = [(int(hour), int(minute or 0)) for hour, minute in zip(hours, minutes, strict=True)]
    if len(set(times)) < 2 or any(hour > 23 or minute > 59 for hour, minute in times):
        raise Refusal("« {text} » : écrivez deux heures différentes, par exemple 22:00-07:00", text=text.strip()[:30])
    return "-".join(f"{hour:02}:{minute:02}" for hour, minute in times)


def read_day(text: str) -> str:
    """`2026-12-31` of « 31/12/2026 » or of itself; empty for none. Raises Refusal."""
    if not text.strip():
        return ""
    day = _DAY.fullmatch(text.strip())
    try:
        return date.fromisoformat(f"{day[3]}-{day[2]:0>2}-{day[1]:0>2}" if day else text.strip()[:10]).isoformat()
    except ValueError:
        raise Refusal("« {text} » n'est pas une date : par exemple 31/12/2026", text=text.strip()[:30]) from None
