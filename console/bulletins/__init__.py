"""Pages of bulletins: write, check, send, and follow until every neighbourhood's coordinator relayed it."""
