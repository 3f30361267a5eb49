"""The first page, what it lists, and texts that ring."""
