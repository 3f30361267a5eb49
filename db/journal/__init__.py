"""Who did what: the entries, and the hash chain over them."""
