"""The commands: the only place that prints; a group of commands is a module."""
