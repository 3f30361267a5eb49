"""Texts to many before their order, and the guard's findings; ready-made alerts, and alerts' first and last words."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from db.alerts import templates as storage
from db.alerts.values import Following
from db.engine.connection import writing
from db.journal import audit
from db.people.members.listing import neighbourhood_names
from db.people.zone import directory, zone
from modem.errors import TextError
from modem.sms.composition import Composition, compose, count, normalise, propose_gsm7
from plp.letters.rendering import FRAME
from plp.services.accounts.telling import tell_of_words
from rules.languages import LANGUAGE_NAMES
from rules.orders.texts import MAIN_LANGUAGE, corrected_text, drill_text, follow_up_text, main_first
from rules.orders.warning import ICONS, TemplateDraft, Wording, lacking, require_short, require_sound
from rules.refusals import FieldRefusal, Refusal, reason_of, required
from rules.sentences import Sentence
from rules.text_guard import Known, TextFinding, findings, numbers_in, require_unmistakable, sites_in


@dataclass(frozen=True, slots=True)
class Answers:
    """The points that the person who orders answers for; `unanswered` is what the door still has to ask."""

    accepted: bool = False
    reason: str = ""
    one_language: bool = False
    unanswered: Refusal | None = None


NO_ANSWERS = Answers()


@dataclass(frozen=True, slots=True)
class Readers:
    """The number of chosen people who read a language; `missing`: they should get a text that nobody wrote."""

    language: str
    people: int
    missing: bool


@dataclass(frozen=True, slots=True)
class Written:
    """Texts by language, the main one first, as typed and as they will arrive. `one_language`: all get the main one."""

    typed: Mapping[str, str]
    composed: Mapping[str, Composition]
    one_language: bool


class MissingText(Refusal, code="missing_text"):
    """Somebody among the people chosen reads a language that has no text; `languages` are these."""

    def __init__(self, template: str, /, languages: tuple[str, ...], **values: object) -> None:
        super().__init__(template, **values)
        self.languages = languages


def answers_of_program(accept_findings: str | None, one_language: bool) -> Answers:
    """A program answers for findings with a reason. Raises Refusal where that is none."""
    if accept_findings is None:
        return Answers(one_language=one_language)
    return Answers(True, reason_of(accept_findings), one_language)


def known() -> Known:
    """The zone's own numbers and sites, from the directory, its neighbourhoods, and how its alerts begin."""
    owner = zone()
    contacts = " ; ".join([owner.phone, *(entry.contact for entry in directory())])
    places = tuple(neighbourhood_names().values())
    first_words = (words.prefix for words in storage.wordings().values() if words.prefix)
    return Known(numbers_in(contacts), sites_in(contacts), places, (owner.name, *first_words))


def judged(texts: Mapping[str, str], drill: bool) -> tuple[TextFinding, ...]:
    """The guard's findings in texts by language, as they will arrive; for an alert also what the main one lacks."""
    whole = {language: normalise(text) for language, text in texts.items()}
    here, (language, main) = known(), next(iter(whole.items()), ("", ""))
    missing = () if drill else tuple(TextFinding(kind, language, "") for kind in lacking(main, here))
    return findings(whole, drill, here) + missing


def require_plain(words: str, most: int, field: str) -> None:
    """Raise FieldRefusal unless words that stand in texts to members are short, and neither an alert nor a way to reach
    somebody: whoever types them does not order the text.
    """
    if len(words) > most:
        raise FieldRefusal(field, "« {words} » est trop long : {most} caractères au plus.", words=words[:60], most=most)
    noticed = [one for drill in (False, True) for one in findings({MAIN_LANGUAGE: words}, drill, known())]
    if noticed:
        raise FieldRefusal(
            field,
            "« {excerpt} » ne peut pas figurer ici : ces mots sont repris dans des SMS aux membres. Supprimez-le.",
            excerpt=noticed[0].excerpt,
        )


def readers(texts: Mapping[str, str], languages: Iterable[tuple[str, int]]) -> tuple[Readers, ...]:
    """The languages that people read, in the order given, and which are owed a text that nobody wrote."""
    words = storage.wordings()
    return tuple(
        Readers(language, number, missing=language not in texts and language in words and words[language].required)
        for language, number in languages
    )


def judged_drill(texts: Mapping[str, str]) -> tuple[TextFinding, ...]:
    """The same of a drill. Raises FindingsRefused where people would take it for an alert."""
    noticed = judged(texts, drill=True)
    require_unmistakable(noticed)
    return noticed


def require_texts(texts: Mapping[str, str], languages: Iterable[tuple[str, int]]) -> None:
    """Raise MissingText where some are owed a text that nobody wrote."""
    missing = [reading for reading in readers(texts, languages) if reading.missing]
    if missing:
        raise MissingText(
            "Aucun SMS n'a été envoyé : {whom} et ce texte manque. Rédigez-le, ou envoyez le texte français à tous.",
            tuple(reading.language for reading in missing),
            whom=tuple(
                Sentence(
                    "{n} personne lit en {language}" if reading.people == 1 else "{n} personnes lisent en {language}",
                    {"n": reading.people, "language": LANGUAGE_NAMES.get(reading.language, reading.language)},
                )
                for reading in missing
            ),
        )


def written(texts: Mapping[str, str], *, drill: bool, one_language: bool) -> Written:
    """The texts of an order, without the empty ones. Raises Refusal: empty, or too long."""
    typed = {language: text for language, text in texts.items() if text.strip()}
    if one_language or not typed:
        typed = {MAIN_LANGUAGE: texts.get(MAIN_LANGUAGE, "")}
    typed = main_first(typed)
    return Written(typed, all_composed(typed, drill), one_language)


def arriving(text: str, *, drill: bool, kind: Following | None = None, language: str = MAIN_LANGUAGE) -> str:
    """`text` with its first and last words: a correction's or end's sender and kind, a drill that it is one."""
    if not text.strip():
        return text
    if kind:
        own = storage.wordings().get(language)
        prefix, text = normalise(own.prefix) if own else "", normalise(text)
        text = corrected_text(text, prefix) if kind == "corrected" else follow_up_text(text, kind, language, prefix)
    return drill_text(text, language) if drill else text


def composed(text: str, *, drill: bool, kind: Following | None = None, language: str = MAIN_LANGUAGE) -> Composition:
    """`text` exactly as it will arrive. Raises Refusal: empty, or too long."""
    try:
        return compose(arriving(text, drill=drill, kind=kind, language=language))
    except TextError as error:
        raise Refusal("{sentence}", sentence=error) from None


def all_composed(texts: Mapping[str, str], drill: bool, kind: Following | None = None) -> dict[str, Composition]:
    """Each language's text composed. Raises Refusal as `composed` does."""
    return {language: composed(text, drill=drill, kind=kind, language=language) for language, text in texts.items()}


def in_one_text(typed: str) -> str:
    """`typed` as one SMS writes it. Raises Refusal where it is longer."""
    text = " ".join(typed.split())
    text = propose_gsm7(text) or normalise(text)
    if count(text).parts > 1:
        raise Refusal("La réponse dépasse un SMS : raccourcissez-la. Aucun SMS n'a été envoyé.")
    return text


def with_emergency(text: str, language: str) -> str:
    """An answer with the emergency number in the reader's language, where it fits into the same SMS."""
    whole = f"{text} {FRAME[language]['urgent']}: {zone().emergency}."
    return whole if count(whole).parts == 1 else text


def save_template(template_id: int | None, draft: TemplateDraft, by: str, now: datetime) -> int:
    """Add or change a template; returns its id. Raises Refusal with what is wrong, and then changes nothing."""
    require_sound(draft)
    icon = draft.icon if draft.icon in ICONS else ICONS[0]
    texts = {language: body.strip() for language, body in draft.texts.items() if body.strip()}
    with writing():
        whole = replace(draft, title=draft.title.strip(), icon=icon, texts=texts)
        saved = required(storage.put_template(template_id, whole, by, now), Refusal("Ce modèle n'existe plus."))
        audit.record(now, by, "template_saved", str(saved))
        return saved


def delete_template(template_id: int, by: str, now: datetime) -> None:
    """Delete a template; does nothing if it was already deleted. Alerts written from it are unchanged."""
    with writing():
        storage.remove_template(template_id)
        audit.record(now, by, "template_deleted", str(template_id))


def move_template(template_id: int, by: int) -> None:
    """Move its tile one place up (-1) or down (1)."""
    with writing():
        ids = [card.id for card in storage.templates()]
        if template_id in ids:
            place = ids.index(template_id)
            ids.insert(max(0, place + by), ids.pop(place))
            storage.put_in_order(ids)


def save_wordings(wanted: Collection[Wording], by: str, now: datetime) -> None:
    """Store first and last words of alerts. Raises Refusal for words that are too long."""
    for wording in wanted:
        require_short(wording)
    with writing():
        for wording in wanted:
            storage.put_wording(replace(wording, prefix=wording.prefix.strip(), closing=wording.closing.strip()))
        audit.record(now, by, "wording_saved")


def save_outcome_words(wanted: Mapping[str, Mapping[str, str]], by: str, now: datetime) -> None:
    """Store the words that answer a tip, by language and outcome; empty: the product's. Raises Refusal over one SMS."""
    whole = {
        language: {outcome: in_one_text(text) for outcome, text in words.items() if text.strip()}
        for language, words in wanted.items()
    }
    with writing():
        for language, words in whole.items():
            storage.put_outcome_words(language, words)
        audit.record(now, by, "outcome_words_saved")
        written_anew = " ; ".join(text for words in whole.values() for text in words.values())
        tell_of_words(written_anew or "ceux du logiciel", "Réponses aux signalements", by, now)
