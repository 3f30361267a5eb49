"""Accounts: who may sign in with which roles, how they prove who they are, their sessions, and programs' tokens."""
