"""One mail, whatever it is, stops no other: not even when what takes it in dies of it each time."""

from datetime import timedelta
from pathlib import Path

import pytest
from imapclient.exceptions import IMAPClientError

from base.settings.values import MailSettings, Settings
from db.inbound.mailbox import mailbox_position
from db.models.mail import InboundMail
from db.operations.incidents import open_incidents
from plp.jobs.imap import intake
from plp.jobs.imap import watch as watching
from plp.jobs.imap.session import Fetched, MailboxLogin
from plp.jobs.imap.watch import TRIES, MailboxWatch
from tests.plp.jobs.imap.mails import written

pytestmark = pytest.mark.usefixtures("database")

ACCOUNT = MailboxLogin("imap.example.be", 993, "plp", "x")


class Box:
    """A server's mailbox with these mails."""

    uidvalidity = 7

    def __init__(self, *mails):
        self.mails = mails
        # Of the first mail.
        self.refusals = 0

    def new_uids(self, after, since=None):
        return [uid for uid in range(1, len(self.mails) + 1) if uid > after]

    def fetch(self, uid):
        if uid == 1 and self.refusals:
            self.refusals -= 1
            raise IMAPClientError("[UNAVAILABLE] the storage is away")
        return Fetched(self.mails[uid - 1], len(self.mails[uid - 1]), None)

    def close(self):
        """Nobody was there."""


def reads(now, *mails):
    reads_box(now, Box(*mails))


def reads_box(now, box):
    """As the errand does, begun with a new watch."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(watching, "open_session", lambda _account: box)
        patched.setattr(watching, "mailbox_account", lambda _mail: ACCOUNT)
        MailboxWatch().step(Settings(Path(), Path(), mail=MailSettings(imap_host=ACCOUNT.host)), now)


def kinds():
    return [row.kind for row in InboundMail.select().order_by(InboundMail.id)]


def next_one():
    return written(Message_ID="<next@example.org>")


@pytest.mark.parametrize(
    "raw",
    [
        written(From="(" * 985),
        written(From="\0evil@example.org").replace(b"; charset", b"; name*=idna''abc%41%e9; charset"),
        written(Reply_To="(" * 985),
    ],
    ids=("parentheses", "NUL and a codec", "parentheses to reply to"),
)
def test_what_no_parser_bears_is_a_mail_like_others(now, raw):
    reads(now, raw, next_one())
    assert kinds() == ["message", "message"]
    assert "\0" not in InboundMail.get().sender


def test_what_cannot_even_be_kept_is_left_aside_and_told(now, monkeypatch):
    store = intake.apply_mail

    def picky(arrival, place, now):
        if place.uid == 1:
            raise ValueError("a secret")
        return store(arrival, place, now)

    monkeypatch.setattr(intake, "apply_mail", picky)
    reads(now, written(), next_one())
    assert kinds() == ["message"]
    (incident,) = open_incidents()
    assert (incident.kind, incident.subject) == ("mailbox", "imap.example.be:993 #1")
    assert "illisible" in incident.sentence
    reads(now + timedelta(hours=23), written(), next_one())
    assert len(open_incidents()) == 1
    reads(now + timedelta(hours=25), written(), next_one())
    assert open_incidents() == []


def test_a_mail_that_ends_the_process_each_time_is_left_aside_and_told(now, monkeypatch):
    class Killed(BaseException):
        pass

    takes = watching.take_in

    def deadly(fetched, place, *rest):
        if place.uid == 1:
            raise Killed
        takes(fetched, place, *rest)

    monkeypatch.setattr(watching, "take_in", deadly)
    for _start in range(TRIES):
        with pytest.raises(Killed):
            reads(now, written(), next_one())
    reads(now, written(), next_one())
    assert kinds() == ["unreadable", "message"]
    assert mailbox_position(ACCOUNT.name).last_uid == 2
    assert [incident.subject for incident in open_incidents()] == ["imap.example.be:993 #1"]


def test_a_mail_that_the_server_refuses_for_a_moment_is_read_when_it_gives_it(now):
    box = Box(written(), next_one())
    box.refusals = TRIES - 1
    for minute in range(TRIES):
        reads_box(now + timedelta(minutes=minute), box)
    assert kinds() == ["message", "message"]
    assert open_incidents() == []


def test_a_mail_that_the_server_refuses_each_time_is_left_aside_and_told(now):
    box = Box(written(), next_one())
    box.refusals = TRIES + 1
    for minute in range(TRIES + 1):
        reads_box(now + timedelta(minutes=minute), box)
    assert kinds() == ["unreadable", "message"]
    assert [incident.subject for incident in open_incidents()] == ["imap.example.be:993 #1"]
