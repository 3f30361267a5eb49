"""Programs for developers: bench and vendoring."""
