"""Messages reçus: what people wrote to the zone, for the officer alone, because it is theirs to judge."""

from console.inbox import acting, pages
from console.inbox.space import blueprint

__all__ = ["acting", "blueprint", "pages"]
