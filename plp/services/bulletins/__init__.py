"""Bulletins as people act on them: drafted, sent, relayed by coordinators and deputies."""
