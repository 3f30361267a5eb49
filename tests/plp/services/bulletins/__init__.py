"""Bulletins, drafted, sent and relayed."""
