"""An alert from its first word to its last phone: write, confirm, follow, look back."""

from console.alerts import (
    approving,
    bulletin,
    composing,
    confirming,
    dossier,
    following,
    following_up,
    history,
    replies,
    resending,
    trying,
)
from console.alerts.space import blueprint

__all__ = [
    "approving",
    "blueprint",
    "bulletin",
    "composing",
    "confirming",
    "dossier",
    "following",
    "following_up",
    "history",
    "replies",
    "resending",
    "trying",
]
