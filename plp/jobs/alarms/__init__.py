"""Alarms: a trouble becomes an incident, people hear of its beginning and its end, and those on duty are called."""
