"""Bulletins: written, looked at, sent, followed until each neighbourhood has them."""
