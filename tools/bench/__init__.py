"""`make bench`: what stands between "Send" and the modem, in figures; beside other senders, on the simulator."""
