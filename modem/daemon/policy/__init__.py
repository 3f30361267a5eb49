"""Policy: error codes, the breaker, recovery steps, pacing, and which numbers are never dialled."""
