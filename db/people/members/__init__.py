"""Members, their neighbourhoods, their consent, and lists of them from files."""
