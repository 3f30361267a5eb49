"""The JSON API, and what monitoring asks: bearer tokens only, never the cookie of the pages."""
