"""Plan B: when no modem works, an encrypted list for another channel, and the phone tree on paper."""
