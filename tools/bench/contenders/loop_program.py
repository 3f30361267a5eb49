"""The floor, as a program: pyserial in a loop, one AT command per message, no queue, no database, no reports."""

import argparse
import sys

import serial

from modem.sms.message import OutgoingPart
from modem.sms.submit import encode_submit
from tools.bench.contenders import TEXT, mobile


def main() -> int:
    """Set the modem up, say `ready`, wait for a line with a number, send so many."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port")
    parser.add_argument("--cmms", action="store_true", help="keep the relay link open")
    options = parser.parse_args()
    port = serial.Serial(options.port, 115200)
    for command in ("ATE0", "AT+CMEE=1", "AT+CMGF=0", *(["AT+CMMS=2"] if options.cmms else [])):
        _ask(port, command.encode() + b"\r", b"OK\r\n")
    print("ready", flush=True)
    # Made before, so that the loop is nothing but the port.
    pdus = [_pdu(number) for number in range(int(sys.stdin.readline()))]
    for command, pdu in pdus:
        _ask(port, command, b"> ")
        _ask(port, pdu, b"OK\r\n")
    sys.stdin.read()  # until what it cost has been read
    return 0


def _pdu(number: int) -> tuple[bytes, bytes]:
    made = encode_submit(OutgoingPart(mobile(number), TEXT, "gsm7", 1, 1, 0, None))
    return f"AT+CMGS={len(made) // 2 - 1}\r".encode(), f"{made}\x1a".encode()


def _ask(port: serial.Serial, data: bytes, end: bytes) -> None:
    port.write(data)
    heard = b""
    while not heard.endswith(end):
        heard += port.read(max(1, port.in_waiting))
        if b"ERROR" in heard:
            raise RuntimeError(heard)


if __name__ == "__main__":
    sys.exit(main())
