"""What must hold: at each handing over, at each look, and at dawn."""
