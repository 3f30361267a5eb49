"""A mail server for a box without a network: `mailbox.py FILE` takes every mail on port 2525 and adds it to FILE."""

import socketserver
import sys
from pathlib import Path


class Taking(socketserver.StreamRequestHandler):
    """One connection: what is said between DATA and the dot is the mail."""

    def handle(self) -> None:
        self.answer(220)
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.answer(354)
                with Path(sys.argv[1]).open("ab") as mails:
                    while (part := self.rfile.readline()) not in (b".\r\n", b""):
                        mails.write(part)
            self.answer(221 if word == b"QUIT" else 250)
            if word == b"QUIT":
                return

    def answer(self, code: int) -> None:
        self.wfile.write(b"%d mailbox\r\n" % code)


if __name__ == "__main__":
    socketserver.ThreadingTCPServer(("127.0.0.1", 2525), Taking).serve_forever()
