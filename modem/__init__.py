"""All code for modems: pure SMS and AT layers, drivers, the simulator, and the daemon."""
