"""Requests of people themselves, from outside."""
