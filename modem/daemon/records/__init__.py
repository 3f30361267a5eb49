"""The daemon's notes about its modems."""
