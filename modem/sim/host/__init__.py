"""The simulator's pty, its control socket and the orders that it takes."""
