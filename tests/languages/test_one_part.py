"""SMS that the product writes, in each language, with the longest place and zone name: one part in the GSM alphabet."""

import pytest

from db.alerts.templates import _LONGEST_PLACE, SEEDS, seeded_wordings
from db.people.zone import ZoneCard
from modem.sms.composition import count
from plp.jobs.autoreply import answer_text
from plp.letters.rendering import DUTY, FRAME, SMS, STARTS
from rules.languages import LANGUAGES
from rules.orders.texts import OPENING_WORDS, drill_text, follow_up_text
from rules.orders.warning import ICON_OF_THE_END, Wording, filled, framed, lacking
from rules.replies.meaning import read
from rules.replies.poll import offered
from rules.replies.values import Answer, Meaning, SenderCard
from rules.text_guard import Known, findings

# Of a Belgian zone, and of a place in one.
ZONE = "Zone de police Vesdre-Pays de Herve"
PLACE = "rue du Val Saint-Lambert, Seraing"
WORDS = {language: Wording(language, *words, True) for language, *words in seeded_wordings(ZONE, "101")}
# Of three communes: too long to begin an alert with, or to stand in an answer.
LONGEST_ZONE = "Zone de police Etterbeek/Woluwe-Saint-Lambert/Woluwe-Saint-Pierre"
ANSWERS = {
    "age": "12",
    "marque": "VW Golf",
    "fuite": "Rotheux",
    "vehicule": "Golf grise",
    "habits": "veste bleue",
    "refuge": "école communale",
}
# Its second part tells those of their rights who get no mail.
TWO_PARTS = {"welcome_rights"}


def values(seed, language):
    """The longest answers that are likely, the optional ones too.

    With everything at its longest, a second place or a make longer than these makes two SMS: the page counts them.
    """
    return {
        field.name: max(field.choices, key=lambda choice: len(choice.in_language(language))).value
        if field.kind == "choice"
        else "21:40"
        if field.kind == "time"
        else ANSWERS.get(field.name, PLACE)
        for field in seed.fields
    }


def arriving(seed, language):
    return framed(filled(seed.texts[language], seed.fields, values(seed, language), language), WORDS[language])


def is_one_part(text):
    counted = count(text)
    assert counted.forcing == ()
    assert counted.parts == 1, (counted.units, text)
    return True


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.title)
def test_a_ready_made_alert_is_one_sms(seed, language):
    text = arriving(seed, language)
    assert is_one_part(drill_text(text, language) if seed.kind == "drill" else text)
    assert not set(text) & set("{}[]")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Cambriolage en cours", ["Golf grise", "Rotheux"]),
        ("Véhicule suspect", ["VW Golf", "Rotheux"]),
        ("Personne disparue", ["veste bleue"]),
    ],
)
def test_whom_or_what_to_look_for_has_its_field(title, words, language):
    (seed,) = [seed for seed in SEEDS if seed.title == title]
    text = arriving(seed, language)
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Cambriolage en cours", ("n'intervenez pas", "grijp niet in", "nicht eingreifen", "do not intervene")),
        ("Véhicule suspect", ("loin, appelez", "weg, bel", "Abstand, anrufen", "Keep away, call")),
        ("Vol avec violence", ("suivez personne", "Volg niemand", "Verfolgen Sie niemanden", "Do not follow")),
    ],
)
def test_who_is_nearby_is_told_to_keep_away_and_whom_to_call(title, words):
    (seed,) = [seed for seed in SEEDS if seed.title == title]
    for language, word in zip(LANGUAGES, words, strict=True):
        text = arriving(seed, language)
        assert word in text
        assert text.endswith(": 101")


def test_a_zone_with_a_longer_name_begins_its_alerts_without_it():
    """Never with a name that was cut, and never longer than what every ready-made alert was counted with."""
    firsts = {language: first for language, first, _last in seeded_wordings(LONGEST_ZONE, "101")}
    assert set(firsts.values()) == {"Police locale:", "Lokale politie:", "Lokale Polizei:", "Local police:"}
    assert all(len(first) <= len(WORDS[language].prefix) for language, first in firsts.items())
    counted = {len(words.prefix.rstrip(":").partition(" ")[2]) for words in WORDS.values()}
    assert counted == {_LONGEST_PLACE}


def test_there_are_twenty_and_more():
    assert len([seed for seed in SEEDS if seed.kind == "alert"]) >= 20
    assert len({seed.title for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ready_made_alert_lacks_no_element_and_says_nothing_that_it_should_not(language):
    known = Known(sources=tuple(words.prefix for words in WORDS.values()))
    for seed in SEEDS:
        if seed.kind == "alert" and seed.icon != ICON_OF_THE_END:
            text = arriving(seed, language)
            assert (seed.title, list(lacking(text, known))) == (seed.title, [])
            assert findings({language: text}, False, known) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_for_witnesses_offers_two_answers(language):
    (poll,) = [seed for seed in SEEDS if offered(seed.texts[language])]
    assert list(offered(arriving(poll, language))) == [1, 2]
    assert all(offered(arriving(poll, language)).values())


@pytest.mark.parametrize("kind", OPENING_WORDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_correction_and_an_end_as_proposed_are_one_sms(kind, language):
    assert is_one_part(
        framed(follow_up_text(STARTS[language][kind], kind, language, WORDS[language].prefix), WORDS[language])
    )


@pytest.mark.parametrize("key", sorted(SMS["fr"]))
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_leaves_without_an_officer_is_one_sms(key, language):
    words, either = SMS[language], FRAME[language]["or"]
    longest = {
        "place": "Neuville-en-Condroz", "emergency": "101", "phone": "04/330 40 00", "zone": ZONE,
        "coordinator": "x" * 30, "address": "x" * 30, "urgent": f"101 {either} 04/330 40 00",
        "station": "04/330 58 71", "contact": "rue du Commerce 3, 04/330 58 71", "until": "31/12/2026",
        "code": "123456", "number": "0470 00 00 01, 0470 00 00 02",
    }  # fmt: skip
    before = {"or_coordinator": "not_read", "or_station": "not_read", "welcome_rights": "welcome"}.get(key)
    text = ((words[before] if before else "") + words[key]).format(**longest)
    assert count(text).parts == 2 if key in TWO_PARTS else is_one_part(text)


@pytest.mark.parametrize("kind", ["approval", "message"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_of_who_is_on_duty_is_one_sms(kind, language):
    assert is_one_part(DUTY[language][kind].format(time="21h40") + DUTY[language]["ok"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [ZONE, LONGEST_ZONE])
@pytest.mark.parametrize("answer", [Answer.NOT_READ, Answer.STOPPED, Answer.STARTED])
def test_an_answer_names_the_zone_and_is_known_as_a_machine_s(answer, name, language):
    zone = ZoneCard(name, "5000", "101", "04/330 40 00")
    text = answer_text(answer, language, SenderCard(True, language, "x" * 30, False), zone, "").text
    assert is_one_part(text)
    assert (name in text) is (answer is not Answer.NOT_READ and name == ZONE)
    assert read(text).meaning in (Meaning.OTHER, Meaning.ALARM)
    assert read(text).author != "person"
