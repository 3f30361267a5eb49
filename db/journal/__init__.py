"""The journal: entries of who did what, and the hash chain over them."""
