"""Tips: facts that people reported, by an entry of the inbox or by telephone, and their outcomes."""
