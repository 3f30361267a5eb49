"""Personal data as a whole: all that is held of one person, and what is held of all, for how long."""
