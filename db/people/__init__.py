"""Members, neighbourhoods, accounts and the zone: who may be written to, and who may act."""
