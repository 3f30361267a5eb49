"""Who may sign in: accounts, their roles, one-time links, and the API's bearer tokens."""
