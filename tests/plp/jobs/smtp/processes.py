"""What other processes do to the same queue in these tests; run by `multiprocessing` in fresh interpreters."""

import os
import time
from datetime import timedelta
from pathlib import Path

from db.engine.connection import bind, connected
from db.mail.claim import claim_mail, mark_accepted, mark_handed
from db.mail.enqueue import send_as
from tests.plp.jobs.smtp.letters import post, settings
from tests.support import processes

SENDING_S = 0.003


def written_and_carried(folder: Path, number: int, mails: int) -> tuple[list[int], list[int]]:
    """Write the same letter as the others, then claim and send until there is nothing; the ids of both."""
    bind(os.environ["PLP_TEST_URL"], folder)
    send_as(settings())
    taken = []
    processes._gate.wait()
    with connected():
        ids = post(processes.NOW, *range(mails))
        while (claim := claim_mail(f"box{number}", processes.NOW, timedelta(0))) is not None:
            assert mark_handed(claim, processes.NOW)
            time.sleep(SENDING_S)
            assert mark_accepted(claim, "250 ok", processes.NOW)
            taken.append(claim.id)
    return ids, taken
