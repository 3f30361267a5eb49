"""Broadcasts: orders, the queue, what became of them, and drills."""
