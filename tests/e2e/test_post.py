"""`plp jobs` killed with -9 in the middle of its mail: nothing is lost, and only what may have arrived goes twice."""

import os
import signal
from collections import Counter

import pytest

from base.settings.reading import load_settings
from db.engine.clock import utc_now
from db.mail.enqueue import enqueue_letter, send_as
from db.mail.listing import mail_cards, mail_counts
from db.mail.values import Copy, Letter
from tests.e2e.box import PATIENCE_S, eventually
from tests.plp.jobs.smtp.server import DROP, DROP_TAKEN

pytestmark = pytest.mark.slow

MAILS = 30


@pytest.fixture
def box(make_box, office):
    box = make_box("none")
    with box.config.open("a") as config:
        config.write(f"[mail]\nsmtp = 127.0.0.1:{office.port}\nfrom = plp@zone.example.be\ndomain_per_minute = 0\n")
    return box


def enqueue(box):
    """A bulletin to thirty coordinators; returns the mails' ids."""
    copies = [Copy(f"k{n}", f"c{n}@example.org", f"Nom {n}", "Bonjour", "<p>Bonjour</p>") for n in range(MAILS)]
    with box.reading():
        send_as(load_settings(box.config).mail)
        return enqueue_letter(Letter("bulletin", "Vol à Plainevaux"), copies, utc_now())


def test_killed_before_and_after_the_end_of_a_text(box, office):
    killed, process = [], None

    def kill_at(reader, why):
        def answer(said):
            if said == reader and why not in killed:
                killed.append(why)
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                return DROP if why == "before" else DROP_TAKEN
            return None

        return answer

    office.answers = {"rcpt": kill_at("c7@example.org", "before"), "end": kill_at("c15@example.org", "after")}
    ids = enqueue(box)
    for _ in range(3):
        process = box.start("jobs")
        eventually("an end", lambda process=process: process.poll() is not None or len(set(office.readers)) == MAILS)
        if process.poll() is None:
            break

    def all_accepted():
        with box.reading():
            return mail_counts()["accepted"] == MAILS

    eventually("all accepted", all_accepted)
    assert killed == ["before", "after"]
    assert Counter(office.readers) == Counter({f"c{n}@example.org": 2 if n == 15 else 1 for n in range(MAILS)})
    with box.reading():
        cards = mail_cards(ids)
    assert [card.address for card in cards.values() if card.perhaps_twice] == ["c15@example.org"]
    twice = [mail for mail in office.mails if mail.readers == ("c15@example.org",)]
    assert len({mail.message_id for mail in twice}) == 1
    process.terminate()
    assert process.wait(PATIENCE_S) == 0


def test_two_jobs_processes_of_one_host_send_each_mail_once(box, office):
    processes = [box.start("jobs"), box.start("jobs")]
    enqueue(box)

    def all_accepted():
        with box.reading():
            return mail_counts()["accepted"] == MAILS

    eventually("all accepted", all_accepted)
    assert Counter(office.readers) == Counter({f"c{n}@example.org": 1 for n in range(MAILS)})
    assert office.connections == 1  # the other one waits for its turn
    for process in processes:
        process.terminate()
    assert [process.wait(PATIENCE_S) for process in processes] == [0, 0]
