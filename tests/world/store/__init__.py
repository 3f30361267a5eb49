"""Where the world keeps its data: a fresh SQLite file, or one PostgreSQL that several hosts share."""
