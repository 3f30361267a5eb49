"""The modem daemon: which modem sits where, what it sends, and what its refusals lead to."""
