"""What touches a modem: pure SMS and AT layers, drivers, the simulator, and the daemon."""
