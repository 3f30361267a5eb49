"""What is plugged in: USB devices as values, what each is to us, and which of its ttys speaks AT."""
