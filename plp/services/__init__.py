"""The requests to the product: one function per intention, whichever door it came through."""
