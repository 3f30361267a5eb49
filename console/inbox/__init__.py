"""The inbox (« Boîte de réception »): what people wrote to the zone, for officers only, because they decide
about it."""
