"""A simulated world: one process, virtual time, one seed; the product's own code inside (docs/proof.md)."""
