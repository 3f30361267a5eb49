"""Messages that nobody ordered: alarm to the duty phone, automatic answer, self-test."""
