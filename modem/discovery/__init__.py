"""What is plugged in: USB devices as values, what each is to us, and which of its ttys speaks AT."""

from modem.discovery.usb import UsbDevice, UsbInterface
from modem.discovery.verdicts import Verdict, judge

__all__ = ["UsbDevice", "UsbInterface", "Verdict", "judge"]
