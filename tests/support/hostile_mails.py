"""Mails of a quarter of a megabyte (what is read of one) that are made of one piece, at each place of a mail."""

from collections.abc import Iterator

from plp.jobs.imap.session import READ_BYTES
from tests.plp.jobs.imap.mails import parts, report, written

PIECES = [
    *' \t\n>.@a;,=("\\0-[<&é\0\ud800',
    *(
        "\r\n",
        "\n ",
        "\r\n\r\n",
        "a@b.c ",
        "<a@b>",
        "<a",
        "<div>",
        "</",
        "<!--",
        "&#x",
        "=?",
        "=?utf-8?b?",
        "=?a?q?",
        "=20",
    ),
    *("--limite\r\n", "--\r\n", "Message-ID:", "> Message-ID: <a@b>\n", "[PLP-R: ", "Le x\n", "On a wrote", "schreef "),
    *(
        "De : x\n",
        "_" * 12 + "\n",
        "----- Original Message",
        "rfc822;",
        "5.1.1 ",
        "Final-Recipient: ",
        "\r\nStatus: 5\r\n",
    ),
    *(
        "did not reach the following recipient\r\n",
        "failed:\n<a@b.c>\n",
        "Content-Type: text/plain\r\n",
        "a-b.",
        "x y ",
    ),
    *("en cas d urgence ", "si urgent ", "-- \n", "sent from my ", "au secours ", "STOP ", "\u0300", "\u202e"),
]
FIELDS = (
    "From",
    "Subject",
    "To",
    "Reply-To",
    "References",
    "In-Reply-To",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-A",
)


def mails(piece: str) -> Iterator[tuple[str, bytes]]:
    """(where it stands, the mail)."""
    many = piece * (READ_BYTES // len(piece.encode("utf-8", "replace")))
    for name, made in _mails(piece, many):
        yield name, made[:READ_BYTES]


def _mails(piece: str, many: str) -> Iterator[tuple[str, bytes]]:
    for field in FIELDS:
        yield field, _bytes("Subject: x\r\n" + f"{field}: {many}\r\n\r\nx")
        folded = "\r\n ".join(_lines(piece, 900))
        yield f"{field} folded", _bytes(f"Subject: x\r\n{field}: {folded}\r\n\r\nx")
    for line in _lines(piece, 900)[:1]:
        yield "many headers", _bytes("".join(f"X-{n}: {line[:20]}\r\n" for n in range(10_000)) + "\r\nx")
        yield "many same headers", _bytes(f"References: {line[:20]}\r\n" * 10_000 + "\r\nx")
    yield "name of a header", _bytes(many + "\r\n\r\nx")
    yield "parameters", _bytes(f"Content-Type: text/plain; {many}\r\n\r\nx")
    for kind in ("text/plain", "text/html"):
        for coding in ("8bit", "quoted-printable", "base64"):
            head = f"From: a@b.c\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {coding}\r\n\r\n"
            yield f"{kind} {coding}", _bytes(head + many)
    for line in _lines(piece, 76)[:1]:
        yield "lines", _bytes("From: a@b.c\r\n\r\n" + (line + "\r\n") * 4000)
        yield (
            "lines of no report",
            _bytes("From: MAILER-DAEMON@b.c\r\nReturn-Path: <>\r\n\r\n" + (line + "\r\n") * 4000),
        )
    yield "no report", _bytes(f"From: MAILER-DAEMON@b.c\r\nReturn-Path: <>\r\n\r\n{many}")
    yield "answer", _bytes(f"From: a@b.c\r\nAuto-Submitted: x\r\nIn-Reply-To: <a@b>\r\n\r\n{many}")
    whole = report("<a@b.example>").decode()
    for where in (
        "Le bulletin.",
        "I'm sorry",
        "User unknown",
        "anne@example.org\r\nAction",
        "failed",
        "5.1.1 User",
        "mx.example.org\r\n\r\nFinal",
    ):
        yield f"report {where}", _bytes(whole.replace(where, many + where))
    blocks = f"Final-Recipient: rfc822; {piece[:20]}a@b.c\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
    yield "blocks", _bytes(whole.replace("Final-Recipient", blocks * 3000 + "Final-Recipient"))
    yield (
        "parts",
        parts(*[(f"Content-Type: text/plain; name={piece[:20]}x", piece[:50])] * 4000) if _is_line(piece) else b"",
    )
    yield (
        "boundary",
        _bytes(f"Content-Type: multipart/mixed; boundary={many[:900]}\r\n\r\n" + f"--{many[:900]}\r\n\r\n" * 250),
    )
    yield "in a part", _bytes(parts(("Content-Type: text/plain", "PIECE")).decode().replace("PIECE", many))
    yield "in a part of a part", nested(25, many)


def nested(depth: int, inside: str) -> bytes:
    levels = "".join(f"Content-Type: multipart/mixed; boundary=l{n}\r\n\r\n--l{n}\r\n" for n in range(depth))
    return _bytes(levels + "\r\n" + inside)


def passed_on(depth: int) -> bytes:
    """A mail in a mail in a mail."""
    return b"Content-Type: message/rfc822\r\n\r\n" * depth + written()


def _lines(piece: str, length: int) -> list[str]:
    flat = " ".join(piece.split("\r\n")).replace("\n", " ").replace("\r", " ") or " "
    line = (flat * length)[:length]
    return [line] * (READ_BYTES // length)


def _is_line(piece: str) -> bool:
    return "\n" not in piece and piece.isprintable()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
