"""Names for modems that were found plugged in and stand in no section: stable, from the IMEI, short enough to say."""

from collections.abc import Mapping

PREFIX = "m"
SHORTEST = 4


def found_name(imei: str, known: Mapping[str, str | None]) -> str:
    """`m` and the IMEI's last four digits, more where another modem has that name; a name that it has stays.

    `known`: name → IMEI.
    """
    for name, owner in known.items():
        if owner == imei and is_found_name(name, imei):
            return name
    for length in range(SHORTEST, len(imei) + 1):
        name = PREFIX + imei[-length:]
        if name not in known:
            return name
    return PREFIX + imei


def is_found_name(name: str, imei: str | None) -> bool:
    """True for a name that `found_name` gives to this modem."""
    digits = name.removeprefix(PREFIX)
    return imei is not None and name != digits and len(digits) >= SHORTEST and imei.endswith(digits)


def notice_name(place: str) -> str:
    """The row of something that is plugged in at `place` (`1-1.2`) and cannot be used: `usb-1-1-2`."""
    return f"usb-{place.replace('.', '-')}"
