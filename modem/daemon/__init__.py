"""The modem daemon: which modem is at which port, what it sends, and what its refusals lead to."""
