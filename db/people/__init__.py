"""Members, neighbourhoods, accounts and the zone: who gets messages, and who may act."""
