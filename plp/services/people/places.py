"""Neighbourhoods as lists call them: known by their name, or by what somebody said of it once."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from db.people.members.acts import PLACES
from db.people.members.known import keep_said, said_of
from rules.collation import squeezed

# Before a name, where what was said of lists is kept.
_CALLED = "quartier :"


class Places:
    """The neighbourhoods there are, and those that names of a list mean: `meant` by name, as ids of neighbourhoods."""

    def __init__(self, names: Iterable[str], meant: Mapping[str, int]) -> None:
        by_id: dict[int, str] = dict(PLACES.rows())
        self._known = {squeezed(name): name for name in by_id.values()}
        self.called = {name for name in names if name and squeezed(name) not in self._known}
        kept = said_of((_CALLED, name) for name in self.called)
        self.meant = {header[1]: int(place_id) for header, (place_id,) in kept.items()} | dict(meant)
        self.meant = {name: place_id for name, place_id in self.meant.items() if place_id in by_id}
        self._meant = {squeezed(name): by_id[place_id] for name, place_id in self.meant.items()}

    def named(self, name: str) -> str:
        """The neighbourhood that this name means; the name itself where there is none, for it to be made."""
        key = squeezed(name)
        return self._known.get(key) or self._meant.get(key) or name

    def keep(self, now: datetime) -> None:
        """Keep what names mean for the next list; inside the caller's transaction."""
        keep_said({(_CALLED, name): [str(self.meant[name])] for name in self.called & self.meant.keys()}, now)
