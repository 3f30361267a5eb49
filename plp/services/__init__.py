"""The requests to the product: one function for each intention, whichever door it came through."""
