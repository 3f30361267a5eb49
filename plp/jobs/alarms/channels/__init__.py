"""Channels of alarms: a module is one, with its settings and its words (`plp.jobs.alarms.telling.Channel`)."""
