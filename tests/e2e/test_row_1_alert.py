"""Row 1 of the plan: police to all members, at once, by SMS; and what comes back: OK, STOP."""

import pytest

from db.inbound.replies.thread import replies
from tests.e2e.box import eventually, mobile
from tests.e2e.partnership import world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

TEXT = "Fumée toxique rue de la Station. Fermez portes et volets. Répondez OK si tout va bien."


def test_an_alert_to_all_with_its_answers(make_box):
    box = make_box("a")
    box.start_simulator("a", "--control", "a.control")
    box.import_members(4)
    for process in ("modem", "jobs"):
        box.start(process)
    eventually("a modem", box.ready_modems)
    alert = box.send(TEXT)
    eventually("all delivered", lambda: box.counts(alert) == {"delivered": 4})

    for sender, text in ((0, "OK"), (0, "ok merci"), (1, "Oui"), (2, "STOP"), (3, "Où est-ce ?")):
        world(box, f"inbound {mobile(sender)} {text}")

    def came():
        with box.reading():
            return replies(alert)

    eventually("two said OK, one asks", lambda: (came().ok_total, len(came().others)) == (2, 1))
    assert {reply.name for reply in came().ok} == {"Prénom0 Nom0", "Prénom1 Nom1"}
    eventually("who left is told", lambda: "Pour vous réinscrire" in str(box.log("a")))

    again = box.send("Fin de l'alerte. Vous pouvez aérer.")
    eventually("to those who stayed", lambda: box.counts(again) == {"delivered": 3})
    assert mobile(2) not in {record["to"] for record in box.log("a") if "aérer" in record["text"]}
