"""Bulletins: written, looked at, sent, and followed until each neighbourhood has its own."""
