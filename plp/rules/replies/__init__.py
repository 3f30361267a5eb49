"""How a text that came in is read: STOP, OK, words of alarm, machines."""
