"""AT commands and the dialogue, answered from the simulated phone's state."""
