"""The second factor: who must have one, when it is asked for, and how it is set up."""
