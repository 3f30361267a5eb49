"""Messages reçus: what people wrote to the zone, for the officer alone, because it is theirs to judge."""
