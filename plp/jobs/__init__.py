"""Background jobs: mail in and out, automatic answers, welcome messages, alarms, plan B, retention."""
