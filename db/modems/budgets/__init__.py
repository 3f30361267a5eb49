"""Budgets per SIM: what operators count, what is left of it, and whose member is whose."""
