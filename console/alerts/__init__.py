"""An alert from its first word to its last phone: write, confirm, follow, look back."""

from console.alerts import composing, confirming, following, following_up, history, resending
from console.alerts.space import blueprint

__all__ = ["blueprint", "composing", "confirming", "following", "following_up", "history", "resending"]
