"""Pure decisions: states, numbers, the text guard, geometry. No database, clock, port or log."""
