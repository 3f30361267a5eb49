"""Alarms: a trouble becomes an incident, and people hear of its beginning and its end."""
