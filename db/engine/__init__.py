"""The connection to SQLite or PostgreSQL, and what holds for every query: fairness, locks, health, schema."""
