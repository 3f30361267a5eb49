"""The way to an SMTP server: what waits in the queue of mail leaves, once, or is told why it does not."""
