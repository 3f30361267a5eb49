"""Ready-made alerts: forms whose answers become a text in each language."""
