"""The inbox: messages that people wrote to the zone, for officers only, because they decide about them."""
