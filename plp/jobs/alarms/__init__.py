"""Alarms: a trouble becomes an incident, and people are told of its beginning and its end."""
