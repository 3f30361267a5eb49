"""The first page with its tasks, and incoming texts that ring."""
