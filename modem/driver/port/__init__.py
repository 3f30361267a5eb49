"""The serial port and the USB device: open, lock, find out who holds it."""
