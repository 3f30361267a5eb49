"""Which port belongs to which modem: probing, registry, and the driver behind a stable name."""
