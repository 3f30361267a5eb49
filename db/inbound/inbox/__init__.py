"""What people wrote, by SMS and by e-mail, as an officer reads it: conversations, and what was done about each."""
