"""Drills: a space of their own, with other pages, colours and words than an alert, on the same path to the phones."""

from console.drills import looking_back, preparing
from console.drills.space import blueprint

__all__ = ["blueprint", "looking_back", "preparing"]
