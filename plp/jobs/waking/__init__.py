"""Calling of people on duty: by SMS, by a ringing telephone, and by mail while no modem can send."""
