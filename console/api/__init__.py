"""The JSON API, and what monitoring asks: bearer tokens only, never the cookie of the pages."""

from console.api.routes import blueprint

__all__ = ["blueprint"]
