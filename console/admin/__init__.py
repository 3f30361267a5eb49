"""Pages of the admin: accounts, settings, templates, useful numbers, journal; and signing in."""
