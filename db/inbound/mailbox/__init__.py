"""The zone's mailbox: how far it was read, what came in, and for how long that is kept."""
