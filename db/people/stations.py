"""The local police stations of the zone's directory: people are sent there with what is not the PLP's."""

import re

from db.people.zone import DirectoryCard, directory
from plp.rules.collation import folded

# The names that Belgian zones give it, in French, Dutch and German.
_PROXIMITY = re.compile(r"proximit|wijk(?:politie|dienst|kantoor|werking)|nabijheid|polizeiviertel|viertelpolizei")


def proximity_station() -> DirectoryCard | None:
    """The first entry that is a local station; None where the admin took it out."""
    return next(iter(proximity_stations()), None)


def proximity_stations() -> list[DirectoryCard]:
    """Every entry that is a local station, in the directory's order."""
    return [entry for entry in directory() if _PROXIMITY.search(folded(entry.service))]
