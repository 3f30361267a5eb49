"""What can be asked of the product: one function for each intention, whichever door it came through."""
