"""Channels of alarms: each module is one, with its settings and its words (`plp.jobs.alarms.telling.Channel`)."""
