"""What the daemon writes down about its modems."""
