"""The list kept alive and lawful: a person's rights, dead numbers, the yearly renewal, registration."""
