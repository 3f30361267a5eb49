"""The main job: an alert reaches every member, once, with the identical text."""

import json

import pytest

from tests.e2e.box import PATIENCE_S, eventually, mobile

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PEOPLE = 150
ONE_PART = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"
THREE_PARTS = (
    "Police Seraing/Neupré: un vol avec violence a été commis rue de la Station à Rotheux, près de la gare. "
    "Deux suspects sont en fuite à pied vers le bois; où qu'ils soient, ne les abordez pas. Butin: 2000€. "
    "Fermez portes et volets, rentrez vos véhicules, restez chez vous. "
    "Tout témoin appelle le 101 ou le 04/330 40 00, de jour comme de nuit. La police reste présente au quartier."
)
UCS2 = "Fenêtre forcée, sœur âgée seule : n’ouvrez pas 🚨"


def test_every_member_gets_each_text_once(make_box):
    box = make_box("a", "b")
    for name in ("a", "b"):
        box.start_simulator(name)
    daemon = box.start("modem")
    box.import_members(PEOPLE)
    eventually("both modems ready", lambda: box.ready_modems() == 2)

    seen = 0
    for text, parts, encoding in ((ONE_PART, 1, "gsm7"), (THREE_PARTS, 3, "gsm7"), (UCS2, 1, "ucs2")):
        placed = json.loads(box.plp("broadcast", "send", "--all", "--text", text, "--yes", "--json"))
        assert (placed["recipients"], placed["parts"], placed["encoding"]) == (PEOPLE, PEOPLE * parts, encoding)
        eventually("all delivered", lambda placed=placed: box.counts(placed["id"]) == {"delivered": PEOPLE})
        shown = box.json("broadcast", "show", str(placed["id"]))
        assert shown["state"] == "finished"
        assert shown["counts"] == dict.fromkeys(shown["counts"], 0) | {"delivered": PEOPLE}
        assert len(shown["counts"]) == 9

        taken = box.log("a", "b")[:]
        of_this = [record for record in taken if record["text"] == text]
        assert sorted(record["to"] for record in of_this) == sorted(mobile(n) for n in range(PEOPLE))
        assert all(record["parts"] == parts for record in of_this)
        # a message's parts stand in one log, and both modems worked
        assert {record["modem"] for record in of_this} == {"a", "b"}
        assert len(taken) == seen + PEOPLE
        assert len(box.log("a", "b", tpdus=True)) == seen_tpdus(seen, PEOPLE) + PEOPLE * parts
        seen += PEOPLE

    daemon.terminate()
    assert daemon.wait(PATIENCE_S) == 0


def seen_tpdus(messages: int, people: int) -> int:
    """TPDUs of the texts before: one part, then three."""
    return {0: 0, people: people, 2 * people: 4 * people}[messages]


def test_bad_rows_are_reported_and_nothing_else_and_a_landline_goes_to_its_own_field(make_box):
    box = make_box()
    rows = [f"Prénom{n},Nom{n},{mobile(n)},,fr,Quartier{n % 3},member" for n in range(300)]
    bad = {17: "04/330 40 00", 60: "0470 12 34 5", 101: "101", 222: "0461 12 34 56", 299: "pas un numéro"}
    for row, number in bad.items():
        rows[row] = f"Prénom{row},Nom{row},{number},,fr,Quartier1,member"
    file = box.folder / "liste.csv"
    file.write_text("first_name,last_name,mobile,email,language,neighbourhood,role\n" + "\n".join(rows) + "\n")
    report = json.loads(box.plp("member", "import", str(file), "--json", status=3))
    assert (report["read"], report["added"], report["updated"]) == (300, 296, 0)
    assert [refused["line"] for refused in report["refused"]] == [row + 2 for row in bad if row != 17]
    assert all(refused["reason"] for refused in report["refused"])
    assert len(box.json("member", "list")) == 296


def test_nothing_pretends_to_send_without_a_modem(make_box):
    box = make_box("a")
    box.import_members(2)
    box.start("modem")
    eventually("absent", lambda: box.modem_states() == {"a": "absent"})
    refusal = box.plp("broadcast", "send", "--all", "--text", "Bonjour", "--drill", "--yes", status=1)
    assert "Pas prêt" in refusal
    assert refusal.count("\n") == 1
    box.plp("broadcast", "send", "--all", "--text", "Bonjour", "--yes")
    shown = json.loads(box.plp("broadcast", "show", "1", "--json"))
    assert (shown["taken"], shown["roads"]) == (0, {"sms": 0, "mail": 0, "called": 0, "not_reached": 2})
