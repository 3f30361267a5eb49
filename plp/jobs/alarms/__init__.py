"""Alarms: a fault becomes an incident, its beginning and end are reported, people on duty are called, and programs are
informed of events.
"""
