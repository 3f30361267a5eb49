"""Several processes at one queue of mail: each mail is written once, and goes out once."""

import pytest

from db.mail.listing import mail_counts
from db.models.mail import Mail, MailLetter
from tests.plp.jobs.smtp.processes import written_and_carried
from tests.support.processes import running

pytestmark = [pytest.mark.slow, pytest.mark.both, pytest.mark.usefixtures("database")]

MAILS, HOSTS = 120, 3


def test_hosts_that_write_the_same_letter_and_share_its_mail(tmp_path):
    with running(written_and_carried, tmp_path, [(number, MAILS) for number in range(HOSTS)]) as results:
        found = results()
    assert len({tuple(ids) for ids, _taken in found}) == 1
    assert (MailLetter.select().count(), Mail.select().count()) == (1, MAILS)
    taken = [mail_id for _ids, each in found for mail_id in each]
    assert len(taken) == len(set(taken)) == MAILS
    assert mail_counts()["accepted"] == MAILS
    assert Mail.select().where(Mail.attempts == 1).count() == MAILS
    assert sum(1 for _ids, each in found if each) > 1
