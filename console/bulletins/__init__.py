"""Pages of bulletins: write, check, send, and follow until each neighbourhood's coordinator relayed it."""
