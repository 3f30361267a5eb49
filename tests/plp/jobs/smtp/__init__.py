"""Mail: the queue, and the way to a server."""
