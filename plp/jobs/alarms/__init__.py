"""Alarms: a trouble becomes an incident, people hear of its beginning and its end, those on duty are called, and
programs are told of events.
"""
