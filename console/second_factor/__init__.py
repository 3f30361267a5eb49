"""The second factor: who must have one, when it is wanted, and how it is set up."""
