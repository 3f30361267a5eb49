"""The tables. Only modules of `db` query them; the others get values, or rows that they only read."""
