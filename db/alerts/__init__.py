"""Broadcasts: orders, the queue, progress, templates, and drills."""
