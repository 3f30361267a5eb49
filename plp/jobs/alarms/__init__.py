"""Alarms: a fault becomes an incident, which is reported; people on duty are called, and programs told of events."""
