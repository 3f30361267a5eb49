"""Mails that try to be more than mail."""

from tests.plp.jobs.imap.mails import parts, report, written


def nested(depth):
    return b"".join(
        b"Content-Type: multipart/mixed; boundary=l%d\r\n\r\n--l%d\r\n" % (level, level) for level in range(depth)
    )


HOSTILE = {
    "nothing": b"",
    "no header": b"\r\n\r\njuste un texte",
    "bytes": bytes(range(256)) * 40,
    "NUL": written("un\0deux\0", subject="a\0b"),
    "bidi": written("gpj.\u202eexe", subject="\u202egpj"),
    "half a character": written().replace(b"Bonjour", b"\xed\xa0\x80 Bonjour"),
    "unknown charset": written("h\u00e9").replace(b"utf-8", b"x-mac-klingon"),
    "a codec that is no charset": written("a").replace(b"utf-8", b"base64"),
    "punycode": written("a" * 50_000 + "-").replace(b"utf-8", b"punycode"),
    "broken base64": written("%%%=").replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
    "broken words": written(subject="=?utf-8?b?%%%?= =?x?q?=ZZ?= =?utf-8?q?=?="),
    "8-bit headers": written(subject="été").replace("été".encode(), b"\xe9t\xe9"),
    "no end of a boundary": parts(("Content-Type: text/plain", "clair"))[:-20],
    "no boundary": b"Content-Type: multipart/mixed\r\n\r\nclair",
    "nested": nested(25) + b"Content-Type: text/plain\r\n\r\nau fond",
    "1000 headers": b"".join(b"X-%d: y\r\n" % n for n in range(1000)) + written(),
    "a header of 100 kB": written(References="<a@b.example> " * 7000),
    "1000 parts": parts(*[("Content-Type: text/plain", "x")] * 1000),
    "a date of nowhere": written(Date="Tue, 99 Foo 99999 99:99:99 +9999"),
    "an address of nowhere": written(From='<<>>@@,;:\\ "', Message_ID="<>"),
    "names of files": parts(("Content-Type: image/png; name*=x'y'%ff%fe", "x")),
    "tags": written("<![CDATA[" * 2000 + "<!--" * 2000).replace(b"text/plain", b"text/html"),
    "deep tags": written("<div>" * 20_000).replace(b"text/plain", b"text/html"),
    "empty lines in what came back": report("<a@b.example>").replace(b"Le bulletin.", b"\r\n" * 50_000 + b"x"),
    "empty lines of no report": written("\r\n" * 50_000, From="MAILER-DAEMON@mx.example.org", Return_Path="<>"),
    "one line of no report": written(
        "did not reach the following recipient\r\n" + "a" * 100_000, From="MAILER-DAEMON@mx.example.org"
    ),
    "lines of no report": written(
        ("did not reach the following recipient\r\n" + ("a" * 900 + "\r\n") * 110), From="MAILER-DAEMON@mx.example.org"
    ),
    "a recipient of 100 kB": report("<a@b.example>").replace(
        b"rfc822; anne", b'rfc822; x="' + (b";" * 900 + b"\r\n ") * 110 + b"anne"
    ),
    "a receiver of 100 kB": written(From=("," * 900 + "\r\n ") * 110, Reply_To=("<" * 900 + "\r\n ") * 110),
    "words in a header of 100 kB": written(subject=("=?a?q?" * 150 + "\r\n ") * 110),
    "lines of a quotation": written("On schreef schreef:\t\t\n" * 5000),
    "files of long names": parts(
        *[(f'Content-Disposition: attachment; filename="{";" * 900}"', "x")] * 100,
    ),
    "lines in parts in parts": nested(25) + b"\r\n" * 50_000,
    "not a report": report("<a@b.example>").replace(b"Status", b"\xffStatus").replace(b"Action", b"\0ction"),
}
