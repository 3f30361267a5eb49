"""The proximity police station of the zone's directory: where everything belongs that is not the PLP's."""

import re

from db.people.zone import DirectoryCard, directory
from plp.rules.collation import folded

# As an admin of this country may name it.
_PROXIMITY = re.compile(r"proximit|wijk(?:politie|dienst|kantoor|werking)|nabijheid|polizeiviertel|viertelpolizei")


def proximity_station() -> DirectoryCard | None:
    """The first entry that is one; None where the admin took it out."""
    return next((entry for entry in directory() if _PROXIMITY.search(folded(entry.service))), None)
