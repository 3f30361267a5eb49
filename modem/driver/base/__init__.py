"""The base of every driver: its interface, the port behind it, and the power of that port on a hub."""
