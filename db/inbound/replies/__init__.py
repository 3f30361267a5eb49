"""Incoming texts, interpreted: their meaning, unsubscriptions, OKs, answers, and alarms."""
