"""Tips: facts that people told, from an entry of the inbox or by telephone, and their outcomes."""
