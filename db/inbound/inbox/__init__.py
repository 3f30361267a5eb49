"""The inbox of the officers: conversations by SMS and by e-mail, and how messages were handled."""
