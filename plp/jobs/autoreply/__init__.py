"""Answers to texts that came in: what each means, and whether anything goes back by itself."""
