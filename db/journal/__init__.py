"""The journal: entries about who did what, and the hash chain over them."""
