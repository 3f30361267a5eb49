"""What people wrote to the zone, by SMS and by e-mail."""
