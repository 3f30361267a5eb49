"""The simulated phone, SIM and network."""
