"""The modems and the queue, for whoever keeps the box healthy; one modem in full, and what may be asked of it."""

from console.modems import asking, pages, transcripts
from console.modems.space import blueprint

__all__ = ["asking", "blueprint", "pages", "transcripts"]
