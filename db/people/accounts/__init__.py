"""Accounts, their roles, one-time links, sessions and second factors, and the API's bearer tokens."""
