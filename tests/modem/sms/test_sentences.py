"""With replacement on, none of the sentences needs UCS-2, and the network gets each letter for letter."""

from datetime import timedelta

import pytest

from modem.sms.composition import count, propose_gsm7, replacements
from modem.sms.message import OutgoingPart
from modem.sms.submit import encode_submit
from plp.services.texts import composed
from tests.modem.sim.desk import desk
from tests.modem.sms.sentences import EVERY, SENTENCES

# What pushes a whole message to 70 characters, and what only looks as if it did:
# docs/reference/modem-facts.md, "Alphabet"
COSTLY = "êâîôûëïœÀÈ«»’…–\u00a0ç"
CHEAP = "àéèùäöüßÉÇ€@£$¥ìòØøÅåÆæ¤¡ÄÖÑÜ§¿ñ^{}\\[~]|_#"


def test_they_are_many_different_and_hold_every_accent():
    assert len(set(EVERY)) == len(EVERY) >= 500
    assert {language: len(texts) >= 150 for language, texts in SENTENCES.items()} == dict.fromkeys(SENTENCES, True)
    assert set(COSTLY + CHEAP) - set("".join(EVERY)) == set()
    assert sum(count(text).encoding == "ucs2" for text in EVERY) > 150


@pytest.mark.parametrize("char", COSTLY)
def test_what_costs_has_a_replacement(char):
    assert replacements(f"a{char}b")[char] is not None


@pytest.mark.parametrize("char", CHEAP)
def test_what_does_not_cost_stays(char):
    assert propose_gsm7(char) == char
    assert count(char).encoding == "gsm7"


@pytest.mark.parametrize("language", SENTENCES)
def test_with_replacement_none_needs_the_wide_alphabet(language):
    for text in SENTENCES[language]:
        proposal = propose_gsm7(text)
        assert proposal is not None, text
        assert count(proposal).encoding == "gsm7", text
        assert propose_gsm7(proposal) == proposal, text


@pytest.mark.parametrize("replaced", [True, False], ids=["replaced", "as-typed"])
@pytest.mark.parametrize("language", SENTENCES)
def test_the_simulator_receives_what_the_preview_shows(language, replaced):
    """The preview is `composed(…).text`; each part goes through the codec and over the wire of the simulated modem."""
    modem, received = desk(submit_s=0.0, link_s=0.0), []
    modem.at("AT+CMGF=0")
    for number, text in enumerate(SENTENCES[language]):
        preview = composed(propose_gsm7(text) or "" if replaced else text, drill=False)
        for seq, segment in enumerate(preview.segments, 1):
            place = {"seq": seq, "total": len(preview.segments), "reference": number % 256}
            part = OutgoingPart("+32470000001", segment, preview.encoding, validity=timedelta(hours=4), **place)
            modem.send(bytes.fromhex(encode_submit(part)))
        received.append(preview.text)
    assert [text for _to, text in modem.texts] == received
