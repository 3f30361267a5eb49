"""Reading of incoming texts: STOP, START, OK, words of alarm, automatic texts."""
