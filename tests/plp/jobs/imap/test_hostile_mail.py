"""A mail that is made to be hard to read holds no job."""

import time
from contextlib import suppress

import pytest

from plp.jobs.imap.parts import TooMuch
from plp.jobs.imap.reading import letter_of
from plp.jobs.imap.session import READ_BYTES
from tests.plp.jobs.imap.mails import report, written
from tests.support.hostile_mails import mails, nested, passed_on
from tests.support.sampling import sampled

# 2 s on a machine that does nothing else; `make test` runs four at once on two cores, and each costs more there.
MOST_CPU_S = 3.0


def cost_s(raw: bytes) -> float:
    began = time.process_time()
    with suppress(TooMuch, RecursionError, AttributeError):  # stored as unreadable: somebody opens the mailbox
        letter_of(raw, is_whole=False)
    return time.process_time() - began


@pytest.mark.slow
@pytest.mark.parametrize("piece", [" ", "\t", "> ", "\n>", " >\t"])
def test_blanks_in_a_bounce(piece):
    raw = written(piece * (100_000 // len(piece)), From="MAILER-DAEMON@mx.example.org", Return_Path="<>")
    assert cost_s(raw) < 1


@pytest.mark.parametrize("piece", [b"\n", b"\r\n", b"\n\r\r\n", b"a: b\n\n"])
@pytest.mark.parametrize("where", [b"anne@example.org\r\nAction", b"5.1.1 User", b"mx.example.org\r\n\r\nFinal"])
def test_empty_lines_in_a_report(piece, where):
    raw = report("<a@b.example>").replace(where, piece * (READ_BYTES // len(piece)) + where)
    assert cost_s(raw[:READ_BYTES]) < 1


def test_empty_lines_change_nothing_of_a_report():
    raw = report("<a@b.example>")
    spread = raw.replace(b"mx.example.org\r\n\r\nFinal", b"mx.example.org" + b"\r\n" * 500 + b"Final")
    assert letter_of(spread).bounce == letter_of(raw).bounce


@pytest.mark.parametrize("depth", [30, 300, 10_000])
def test_a_mail_in_a_mail_in_a_mail(depth):
    assert cost_s(passed_on(depth)) < 0.5
    assert cost_s(nested(depth, "x")) < 0.5


@pytest.mark.slow  # fifty mails of a quarter of a megabyte each
@pytest.mark.parametrize("piece", sampled([" ", "\n", "<", "=?", "a@b.c ", "(", "--\r\n", "-- \n"], 4))
def test_one_piece_at_each_place_of_a_mail(piece):
    assert [(place, spent) for place, raw in mails(piece) if (spent := cost_s(raw)) > MOST_CPU_S] == []
