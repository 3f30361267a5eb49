"""French templates of the sentences that are stored, by code and by subject. A code in use is never renamed."""
