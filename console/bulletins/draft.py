"""The form of a bulletin: typed values, and the first words of a new one."""

from dataclasses import dataclass, replace

from babel.dates import format_datetime
from flask import request
from flask_babel import get_timezone

from console.i18n.catalogues import LANGUAGES, SOURCE
from console.web import form_fields
from db.alerts.orders.chosen import chosen
from db.alerts.progress.progress import Progress, progress
from db.bulletins.values import CATEGORIES, BulletinCard, BulletinDraft, Words
from db.engine.clock import utc_now
from plp.letters.words import STARTS
from plp.rules.broadcasts import LONGER

# Longer ones are told by the sentence of a refusal, with what was typed still there.
MOST_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Form:
    """The form's values. `nonce` is that of the draft that it makes or changes: one form makes one bulletin."""

    draft: BulletinDraft
    nonce: str

    @property
    def languages(self) -> list[str]:
        """Languages that may still be added."""
        taken = {words.language for words in self.draft.texts}
        return [language for language in LANGUAGES if language not in taken]


def new_form(category: str, alert: Progress | None) -> Form:
    """An empty form with the first words of its category; a feedback goes to where its alert went, a longer
    version has the languages of its alert.
    """
    everywhere, places = _places_of(alert) if alert is not None else (None, ())
    alert_id = alert.id if alert is not None else None
    languages = [each.language for each in alert.texts] if alert is not None and category == LONGER else [SOURCE]
    texts = tuple(start(category, language, alert) for language in languages)
    draft = BulletinDraft(category, texts, everywhere, places, alert_id)
    return Form(draft, form_fields.new_nonce())


def form_of(card: BulletinCard) -> Form:
    """A stored draft, to be changed."""
    draft = BulletinDraft(
        card.category, card.texts, card.everywhere, card.neighbourhood_ids, card.alert_id, card.group_ids
    )
    return Form(draft, card.nonce)


def typed_form() -> Form:
    """The form that was posted."""
    form = request.form
    languages = [language for language in dict.fromkeys(form.getlist("language")) if language in LANGUAGES]
    draft = BulletinDraft(
        category=form_fields.line("category", 20),
        texts=tuple(Words(each, form_fields.line(f"title_{each}", 300), _text(f"body_{each}")) for each in languages),
        everywhere={"all": True, "some": False}.get(form.get("audience", "")),
        neighbourhood_ids=tuple(form_fields.numbers("neighbourhood")),
        alert_id=form_fields.number("alert"),
        group_ids=tuple(form_fields.numbers("group")),
    )
    return Form(draft, form_fields.typed_nonce())


def with_language(form: Form, language: str, alert: Progress | None) -> Form:
    """The form with another language's text, begun like the first."""
    if language not in form.languages:
        return form
    added = start(form.draft.category, language, alert)
    return replace(form, draft=replace(form.draft, texts=(*form.draft.texts, added)))


def without_language(form: Form, language: str) -> Form:
    """The form without a language; one always stays."""
    kept = tuple(words for words in form.draft.texts if words.language != language)
    return replace(form, draft=replace(form.draft, texts=kept)) if kept else form


def start(category: str, language: str, alert: Progress | None) -> Words:
    """The first words of a category; those of a feedback name its alert."""
    title, body = (STARTS[language].get(f"{category}_{part}", "") for part in ("title", "body"))
    if category not in CATEGORIES or "{when}" not in title:
        return Words(language, title, body)
    if alert is None:
        return Words(language, title.replace("{when}", "…"), body.replace("{when}", "…").replace("{text}", "…"))
    when = _when(alert, language)
    first, _blank, rest = body.partition("\n\n")
    told = [first.replace("{when}", when).replace("{text}", _text_of(alert, language)), *_corrected(alert, language)]
    return Words(language, title.replace("{when}", when), "\n\n".join([*told, rest]))


def _corrected(alert: Progress, language: str) -> list[str]:
    """A paragraph for each correction that people got: a feedback that is silent about it would repeat the mistake."""
    later = (progress(each.id, utc_now()) for each in alert.follow_ups if each.kind == "correction")
    words = STARTS[language]["corrected"]
    return [
        words.replace("{when}", _when(each, language)).replace("{text}", _text_of(each, language))
        for each in later
        if each is not None and each.went_out
    ]


def _when(sent: Progress, language: str) -> str:
    pattern = "d. MMMM, HH:mm" if language == "de" else "d MMMM, HH:mm"
    return format_datetime(sent.created_at, pattern, tzinfo=get_timezone(), locale=language)


def _text_of(sent: Progress, language: str) -> str:
    """The alert's text as readers of this language got it."""
    return next((each.text for each in sent.texts if each.language == language), sent.text)


def _places_of(alert: Progress) -> tuple[bool | None, tuple[int, ...]]:
    """Neighbourhoods that an alert went to; None where they were not kept, or it went to none."""
    whom = chosen(alert.id)
    if whom is not None and whom.whom == "all":
        return True, ()
    places = tuple(number for number, _name in whom.places) if whom is not None else ()
    return (False, places) if places else (None, ())


def _text(name: str) -> str:
    return form_fields.cleaned(request.form.get(name, "").replace("\r\n", "\n"), MOST_CHARACTERS)
