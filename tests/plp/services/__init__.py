"""Tests of what can be asked of the product, whichever door it came through."""
