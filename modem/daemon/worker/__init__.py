"""One modem's worker: send, receive, empty storages, watch registration."""
