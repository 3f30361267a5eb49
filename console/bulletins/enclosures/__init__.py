"""Files that may leave with a bulletin: made safe, or refused with a reason."""
