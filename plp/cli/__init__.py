"""The commands: the only place that prints; each group of commands is a module."""
