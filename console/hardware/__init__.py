"""Pages of the technician: modems, SIM cards, incidents."""
