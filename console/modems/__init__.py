"""The modems and the queue, for whoever keeps the box healthy."""

from console.modems.pages import blueprint

__all__ = ["blueprint"]
