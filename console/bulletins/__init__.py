"""Bulletins: written, looked at, sent, and followed until each neighbourhood has its own."""

from console.bulletins import checking, following, writing
from console.bulletins.space import blueprint

__all__ = ["blueprint", "checking", "following", "writing"]
