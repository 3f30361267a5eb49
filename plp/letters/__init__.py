"""Mails as people read them: templates with the zone's name, the numbers to call and the directory at the foot."""
