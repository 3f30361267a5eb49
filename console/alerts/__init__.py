"""An alert from its first word to its last phone: write, confirm, follow, look back."""
