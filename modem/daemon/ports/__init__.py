"""Ports and modems: the probe, the registry, and the driver behind a stable name."""
