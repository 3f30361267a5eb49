"""Messages that people sent to the zone, by SMS and by e-mail."""
