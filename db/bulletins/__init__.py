"""Bulletins: written, sent to the coordinators, relayed by them; and the feedback that an alert is owed."""
