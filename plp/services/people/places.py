"""The neighbourhoods that the names in a list mean."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from db.people.members.listing import keep_said, neighbourhood_names, said_of
from plp.services.texts import require_plain
from rules.collation import squeezed
from rules.members import LONGEST_PLACE

# Before a neighbourhood's name, where what was said of lists is kept.
_CALLED = "quartier :"


class Places:
    """The known neighbourhoods, and those that names of a list mean: `meant` by name, as ids of neighbourhoods."""

    def __init__(self, names: Iterable[str], meant: Mapping[str, int]) -> None:
        by_id = neighbourhood_names()
        self._known = {squeezed(name): name for name in by_id.values()}
        self._new: set[str] = set()
        self.called = {name for name in names if name and squeezed(name) not in self._known}
        kept = said_of((_CALLED, name) for name in self.called)
        self.meant = {header[1]: int(place_id) for header, (place_id,) in kept.items()} | dict(meant)
        self.meant = {name: place_id for name, place_id in self.meant.items() if place_id in by_id}
        self._meant = {squeezed(name): by_id[place_id] for name, place_id in self.meant.items()}

    def named(self, name: str) -> str:
        """The neighbourhood that this name means; the name itself if none has it, so that it is made."""
        key = squeezed(name)
        return self._known.get(key) or self._meant.get(key) or name

    def require_plain(self, name: str) -> None:
        """Raise FieldRefusal for a new neighbourhood whose name may not stand in texts to members."""
        if name not in self._new and not self.is_known(name):
            require_plain(name, LONGEST_PLACE, "neighbourhood")
            self._new.add(name)

    def is_known(self, name: str) -> bool:
        return squeezed(name) in self._known

    def keep(self, now: datetime) -> None:
        """Keep what names mean for the next list; inside the caller's transaction."""
        keep_said({(_CALLED, name): [str(self.meant[name])] for name in self.called & self.meant.keys()}, now)
